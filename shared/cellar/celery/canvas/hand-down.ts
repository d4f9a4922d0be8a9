/** Options of a workflow go down to the tasks that they are for, as Celery hands them on when it sends. */
import type { WireSignature } from '../../message.ts';
import { wireChain, wireChord, wireGroup } from '../wire-signature.ts';
import { bodyOf, chordOption, endsOf, headerOf, listOption, tasksOf, textOption } from './parts.ts';

type Options = WireSignature['options'];

/** What freezing sets, and links, which have rules of their own. */
const NOT_COMMON = new Set([
  'task_id',
  'group_id',
  'group_index',
  'chord',
  'reply_to',
  'root_id',
  'parent_id',
  'link',
  'link_error',
  'chain',
]);

interface Handed {
  readonly options?: Options;
  readonly link?: readonly WireSignature[];
  readonly linkError?: readonly WireSignature[];
}

function handTo(signature: WireSignature, { options = {}, link = [], linkError = [] }: Handed): WireSignature {
  const links = {
    ...(link.length === 0 ? undefined : { link: [...listOption(signature, 'link'), ...link] }),
    ...(linkError.length === 0 ? undefined : { link_error: [...listOption(signature, 'link_error'), ...linkError] }),
  };
  return { ...signature, options: { ...signature.options, ...options, ...links } };
}

function commonOptions({ options }: WireSignature): Options {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !NOT_COMMON.has(name)));
}

/**
 * The steps of a chain, in which only the last is a group or a chord: what follows one becomes a chord's body
 * (celery/canvas.py, `_chain.__or__`). Links belong to the last step, error links to each, other options to the first.
 */
export function chainSteps(signature: WireSignature): readonly WireSignature[] {
  const steps = tasksOf(signature).flatMap((task) => (task.subtask_type === 'chain' ? nestedSteps(task) : [task]));
  const last = steps.length - 1;
  const linkError = listOption(signature, 'link_error');
  const handed = steps.map((step, index) =>
    handTo(step, {
      linkError,
      ...(index === 0 ? { options: commonOptions(signature) } : undefined),
      ...(index === last ? { link: listOption(signature, 'link') } : undefined),
    }),
  );
  const wide = handed.findIndex(({ subtask_type: type }) => type === 'group' || type === 'chord');
  const chord = handed[wide];
  if (chord === undefined || wide === last) return handed;
  return [...handed.slice(0, wide), withRest(chord, handed.slice(wide + 1))];
}

/** A chain in a chain is part of it; an id that was meant for it is that of its last step. */
function nestedSteps(chain: WireSignature): readonly WireSignature[] {
  const steps = chainSteps(chain);
  const id = textOption(chain, 'task_id');
  const last = steps.at(-1);
  if (id === undefined || last === undefined) return steps;
  return [...steps.slice(0, -1), { ...last, options: { task_id: id, ...last.options } }];
}

/** A group or chord and what comes after it, as one chord. */
function withRest(wide: WireSignature, rest: readonly WireSignature[]): WireSignature {
  if (wide.subtask_type === 'group') return wireChord(wireGroup(groupMembers(wide), idOption(wide)), joined(rest));
  const { tasks, headerId, body } = chordParts(wide);
  const first = { ...body, options: { ...idOption(wide), ...body.options } };
  return wireChord(wireGroup(tasks, headerId === undefined ? {} : { task_id: headerId }), joined([first, ...rest]));
}

function idOption(signature: WireSignature): Options {
  const id = textOption(signature, 'task_id');
  return id === undefined ? {} : { task_id: id };
}

function joined(steps: readonly WireSignature[]): WireSignature {
  const [only, ...others] = steps;
  return only === undefined || others.length > 0 ? wireChain(steps) : only;
}

/** The members of a group, those of groups in it among them. It has no end of its own: its links are its first member's. */
export function groupMembers(signature: WireSignature): readonly WireSignature[] {
  const options = commonOptions(signature);
  const linkError = listOption(signature, 'link_error').map(immutable);
  const link = listOption(signature, 'link').map(immutable);
  return membersIn(tasksOf(signature)).map((task, index) =>
    handTo(task, { options, linkError, link: index === 0 ? link : [] }),
  );
}

function membersIn(tasks: readonly WireSignature[]): readonly WireSignature[] {
  return tasks.flatMap((task) => (task.subtask_type === 'group' ? groupMembers(task) : [task]));
}

function immutable(signature: WireSignature): WireSignature {
  return { ...signature, immutable: true };
}

/**
 * A part of a chord that ends in a group comes to the list of its results: one more task collects them, as where Celery
 * replaces a task with a group. What is marked as a part already counts by each of its members.
 */
function asOnePart(part: WireSignature): WireSignature {
  if (part.subtask_type !== 'chain' && part.subtask_type !== 'chord') return part;
  const [first, ...others] = endsOf(part);
  const last = wideEnd(part);
  if (last === undefined || first === undefined || chordOption(last) !== undefined) return part;
  const queue = textOption(first, 'queue') ?? others.map((end) => textOption(end, 'queue')).find((name) => name);
  const collect: WireSignature = {
    task: 'celery.accumulate',
    args: [],
    kwargs: { index: 0 },
    options: queue === undefined ? {} : { queue },
    subtask_type: null,
    immutable: false,
  };
  return wireChain([part, collect]);
}

/** The group that it ends in, if it does. */
function wideEnd(signature: WireSignature): WireSignature | undefined {
  switch (signature.subtask_type) {
    case 'group':
      return signature;
    case 'chord':
      return wideEnd(bodyOf(signature));
    case 'chain': {
      const last = tasksOf(signature).at(-1);
      return last === undefined ? undefined : wideEnd(last);
    }
    default:
      return undefined;
  }
}

/** Options of a chord belong to its header and its body, links to the body, error links also to chords in the header. */
export function chordParts(signature: WireSignature): {
  readonly tasks: readonly WireSignature[];
  readonly headerId: string | undefined;
  readonly body: WireSignature;
} {
  const options = commonOptions(signature);
  const linkError = listOption(signature, 'link_error');
  const header = headerOf(signature);
  const tasks = membersIn(header.tasks)
    .map((task) => handTo(task, { options, linkError: task.subtask_type === 'chord' ? linkError : [] }))
    .map(asOnePart);
  const body = handTo(bodyOf(signature), { options, link: listOption(signature, 'link'), linkError });
  return { tasks, headerId: header.id, body };
}
