/** What the drawer shows of one task. */
import { element } from './element.js';
import { clockTime, duration, exactTime, relative } from './format.js';
import { prettyJson, resultText } from './json-text.js';
import { stateChip } from './state-chip.js';

/** The sections of one task; `onTask` opens a related one. */
export function taskDetails(task, { nowMs, onTask }) {
  const chip = stateChip();
  chip.update(task);
  return [
    element('div.drawer-line', {}, chip.root, element('span.muted', {}, `on ${task.queue}`), revokedNote(task)),
    idLine(task.id),
    timeline(task, nowMs),
    section('Arguments', argumentBlock(task)),
    ...outcome(task),
    section('Facts', facts(task, onTask)),
  ];
}

function revokedNote({ revoked }) {
  return revoked === true ? element('span.muted', {}, 'a worker that meets it will not run it') : undefined;
}

function idLine(id) {
  const copy = element('button.button.small', { type: 'button', 'data-focus': 'copy' }, 'Copy id');
  copy.onclick = async () => {
    await navigator.clipboard.writeText(id);
    copy.textContent = 'Copied';
  };
  return element('div.drawer-line', {}, element('code.id', {}, id), copy);
}

function section(title, ...content) {
  return element('section', {}, element('h3', {}, title), ...content);
}

function block(text, name = 'pre') {
  return element(name, { tabIndex: 0 }, text);
}

function argumentBlock({ args, kwargs }) {
  if (args === '') return element('p.muted', {}, 'The message cannot be read.');
  if (args === '[]' && kwargs === '{}') return element('p.muted', {}, 'None.');
  const parts = [args === '[]' ? undefined : prettyJson(args), kwargs === '{}' ? undefined : prettyJson(kwargs)];
  return block(parts.filter((part) => part !== undefined).join('\n'));
}

function outcome({ state, result, reason, traceback }) {
  const failed = state === 'FAILURE' || state === 'RETRY' || state === 'REVOKED';
  const shown = result !== undefined && state !== 'PENDING' && state !== 'RECEIVED';
  return [
    ...(shown
      ? [section(failed ? 'Exception' : 'Result', block(failed ? resultText(result) : prettyJson(result)))]
      : []),
    ...(reason === undefined ? [] : [section('Why it is dead', element('p', {}, reason))]),
    ...(traceback === undefined ? [] : [section('Traceback', block(traceback, 'pre.traceback'))]),
  ];
}

const STEPS = [
  ['enqueuedAtMs', 'Sent'],
  ['dueAtMs', 'Due'],
  ['receivedAtMs', 'Received'],
  ['startedAtMs', 'Started'],
  ['doneAtMs', 'Done'],
  ['diedAtMs', 'Died'],
];

/** The times of its life in order, each with what passed since the one before. */
function timeline(task, nowMs) {
  const known = STEPS.filter(([key]) => task[key] !== undefined).sort(([left], [right]) => task[left] - task[right]);
  const items = known.map(([key, label], index) => {
    const ms = task[key];
    const before = index === 0 ? undefined : task[known[index - 1][0]];
    const late = ms > nowMs ? relative(ms, nowMs) : before === undefined ? '' : `+${duration(ms - before)}`;
    const time = element('time', { title: clockTime(ms), dateTime: new Date(ms).toISOString() }, exactTime(ms));
    const root = element('li', {}, element('span.step', {}, label), time, element('span.since', {}, late));
    root.classList.toggle('is-future', ms > nowMs);
    return root;
  });
  const [day] = known;
  const title = day === undefined ? 'Timeline' : `Timeline, ${clockTime(task[day[0]]).split(',')[0]}`;
  return section(
    title,
    items.length === 0 ? element('p.muted', {}, 'No times are stored.') : element('ol.timeline', {}, ...items),
  );
}

function facts(task, onTask) {
  const link = (id) => element('button.link', { type: 'button', onclick: () => onTask(id), 'data-focus': id }, id);
  const rows = [
    ['Runtime', task.runtimeMs === undefined ? undefined : duration(task.runtimeMs)],
    ['Worker', task.worker],
    ['Retries', task.retries > 0 ? String(task.retries) : undefined],
    ['Redriven', task.generation > 0 ? `${task.generation} times` : undefined],
    ['Message group', task.messageGroup],
    ['Parent', task.parentId === undefined || task.parentId === task.id ? undefined : link(task.parentId)],
    ['Root', task.rootId === undefined || task.rootId === task.id ? undefined : link(task.rootId)],
    ['Group', task.groupId],
    ['Sent by it', task.children?.length ? element('span.links', {}, ...task.children.map(link)) : undefined],
  ].filter(([, value]) => value !== undefined);
  if (rows.length === 0) return element('p.muted', {}, 'No worker has had it yet.');
  return element('dl', {}, ...rows.flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, value)]));
}
