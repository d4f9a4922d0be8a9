import { type ChildProcess, spawn } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { topology } from '../../../../shared/cellar/topology.ts';
import { hasRabbitmq } from '../../../support/rabbitmq.ts';
import { until } from '../../../support/running-shop.ts';
import { message, rabbitmqRig } from './rabbitmq-rig.ts';

const describeHere = hasRabbitmq() ? describe : describe.skip;
const CHILD = fileURLToPath(new URL('./ordered-processes/child.ts', import.meta.url));
const GROUPS = 7;
const MESSAGES = 900;
const WITHIN_MS = 90_000;

describeHere('an ordered queue of RabbitMQ, shared by processes', () => {
  const rig = rabbitmqRig();
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  /** Starts a process that takes messages; what it says is added to `said`. */
  function start(queue: string, said: string[]): ChildProcess {
    const child = spawn(process.execPath, [CHILD, rig.rabbit.url, queue], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    let rest = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      said.push(...lines);
    });
    return child;
  }

  it.each(['quorum', 'classic'] as const)(
    'each group keeps its order while processes are killed and others take over: %s',
    async (type) => {
      const queue = `steps.${type}`;
      const backend = await rig.open();
      await backend.broker.declare(topology({ queues: { [queue]: { ordered: true, type } } }));
      const sent = Array.from({ length: MESSAGES }, (_, index) => `${index % GROUPS}:${index}`);
      await backend.broker.publish(
        sent.map((text) => message(queue, text, { messageGroup: `g${text.split(':', 1)[0]}` })),
      );
      const said: string[] = [];
      let active = start(queue, said);
      for (let killed = 0; killed < 4; killed++) {
        const standby = start(queue, said);
        const goal = ends(said).size + 60 + killed * 23;
        await until(() => ends(said).size >= goal, WITHIN_MS);
        active.kill('SIGKILL');
        active = standby;
      }
      await until(() => ends(said).size === MESSAGES, WITHIN_MS);
      for (let group = 0; group < GROUPS; group++) {
        const firstEnds = [...ends(said)].filter((text) => text.startsWith(`${group}:`));
        expect(firstEnds).toEqual(sent.filter((text) => text.startsWith(`${group}:`)));
      }
      expect(overtaken(said)).toEqual([]);
    },
    2 * WITHIN_MS,
  );
});

/** The texts that ended, in the order of their first end. */
function ends(said: readonly string[]): ReadonlySet<string> {
  return new Set(said.flatMap((line) => (line.startsWith('end ') ? [line.slice(4)] : [])));
}

/** Messages that began before the one before them in their group had ended once. */
function overtaken(said: readonly string[]): readonly string[] {
  const ended = new Set<string>();
  const found: string[] = [];
  for (const line of said) {
    const [what, text = ''] = line.split(' ');
    if (what === 'end') ended.add(text);
    const [group, index] = text.split(':').map(Number);
    const before = `${group}:${Number(index) - GROUPS}`;
    if (what === 'start' && Number(index) >= GROUPS && !ended.has(before)) found.push(text);
  }
  return found;
}
