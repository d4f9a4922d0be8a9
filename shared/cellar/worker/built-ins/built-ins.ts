/** The tasks that every Celery worker knows (celery/app/builtins.py), by name. Loaded when one is met. */
import { task } from '../../task.ts';
import type { BoundHandler, TaskContext } from '../../worker.ts';
import { worker } from '../../worker.ts';
import { ANY_ARGUMENTS } from '../bind-arguments.ts';
import type { Execution } from '../execution.ts';
import { type SendSignature, sendSignature } from '../send-signature.ts';
import type { BuiltIn, Call } from './built-in.ts';
import { unlockChord } from './chord-unlock.ts';
import { chunks, map, starmap } from './over-items.ts';
import { chain, chord, group } from './workflows.ts';

const BUILT_INS: Readonly<Record<string, BuiltIn>> = {
  'celery.map': map,
  'celery.starmap': starmap,
  'celery.chunks': chunks,
  'celery.group': group,
  'celery.chain': chain,
  'celery.chord': chord,
  'celery.chord_unlock': unlockChord,
  // Of a group that a task was replaced with: its results, or one of them.
  'celery.accumulate': ({ call: { args, kwargs } }) =>
    typeof kwargs['index'] === 'number' ? (args[kwargs['index']] ?? null) : args,
  'celery.backend_cleanup': async ({ execution }) => {
    await execution.environment.results.cleanup();
    return null;
  },
};

/** As Celery's: what it returns says nothing. */
const WITHOUT_RESULT = new Set(['celery.chord_unlock']);

/** The handler of this run's task, where it is built in. */
export function builtInOf(execution: Execution): BoundHandler | undefined {
  const name = execution.message.headers.task;
  const builtIn = Object.hasOwn(BUILT_INS, name) ? BUILT_INS[name] : undefined;
  if (builtIn === undefined) return undefined;
  return {
    kind: 'cellar.handler',
    contract: task(name, { params: ANY_ARGUMENTS, ...(WITHOUT_RESULT.has(name) ? { ignoreResult: true } : undefined) }),
    worker: worker({ queue: execution.delivery.queue }),
    run: (context: TaskContext & SendSignature, call: Call) =>
      builtIn({ execution, context, call, send: context[sendSignature] }),
  };
}
