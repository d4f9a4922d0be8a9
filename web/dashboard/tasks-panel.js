import { element, setText } from './element.js';
import { clockTime, count, duration, relative } from './format.js';
import { callText, resultText } from './json-text.js';
import { keyedList } from './keyed-list.js';
import { stateChip } from './state-chip.js';

/** How many characters of a value a row holds; the drawer shows all. */
const LONGEST_CELL = 300;

/** The table of tasks. `onTask` opens one; `onClear` takes all filters away. */
export function tasksPanel({ onTask, onClear }) {
  const rows = document.getElementById('task-rows');
  const note = document.getElementById('tasks-note');
  const empty = document.getElementById('tasks-empty');
  const head = rows.parentElement.tHead;
  let nowMs = 0;

  function row() {
    let id = '';
    const chip = stateChip();
    const name = element('span.task-name');
    const call = element('span.task-call');
    const open = element('button.task-open', { type: 'button', 'data-row': '' }, name, call);
    const result = element('td.task-result');
    const queue = element('td.task-queue');
    const runtime = element('td.number.task-runtime');
    const changed = element('td.number.task-changed');
    const root = element('tr', { onclick: () => onTask(id) });
    root.append(
      element('td.task-state', {}, chip.root),
      element('td.task-what', {}, open),
      result,
      queue,
      runtime,
      changed,
    );
    return {
      root,
      update(task) {
        id = task.id;
        chip.update(task);
        setText(name, task.task || 'unreadable message');
        setText(call, `(${callText(task.args, task.kwargs).slice(0, LONGEST_CELL)})`);
        setText(result, outcomeText(task).slice(0, LONGEST_CELL));
        result.classList.toggle('is-fault', task.state === 'FAILURE' || task.state === 'RETRY');
        setText(queue, task.queue);
        setText(runtime, task.runtimeMs === undefined ? '' : duration(task.runtimeMs));
        setText(changed, whenText(task, nowMs));
        changed.title = clockTime(task.changedAtMs);
      },
    };
  }

  const show = keyedList(rows, { key: ({ id }) => id, make: row });
  rows.addEventListener('keydown', moveBetweenRows);

  return (answer, { filtered, limit, waitingHidden }) => {
    nowMs = answer.nowMs;
    show(answer.tasks);
    const none = answer.tasks.length === 0;
    head.hidden = none;
    showEmpty(empty, { none, filtered, onClear });
    const full = answer.tasks.length >= limit;
    const shown = none ? '' : full ? `the latest ${limit}` : count(answer.tasks.length, 'task');
    const hidden = waitingHidden ? 'what waits in a queue is not listed' : '';
    setText(note, [shown, hidden].filter((text) => text !== '').join('; '));
  };
}

function outcomeText({ state, result, reason }) {
  if (state === 'PENDING' || state === 'RECEIVED') return '';
  if (result === undefined) return reason ?? '';
  return state === 'SUCCESS' && result === 'null' ? '' : resultText(result);
}

function whenText({ place, dueAtMs, changedAtMs }, nowMs) {
  const waits = place === 'delayed' && dueAtMs !== undefined && dueAtMs > nowMs;
  return relative(waits ? dueAtMs : changedAtMs, nowMs);
}

/** Built once for each of its two reasons, so that a button in it keeps the focus. */
function showEmpty(empty, { none, filtered, onClear }) {
  empty.hidden = !none;
  const reason = filtered ? 'filtered' : 'nothing';
  if (!none || empty.dataset.reason === reason) return;
  empty.dataset.reason = reason;
  if (filtered) {
    const clear = element('button.button', { type: 'button', onclick: onClear }, 'Show all tasks');
    empty.replaceChildren(element('p', {}, 'No task matches these filters.'), clear);
    return;
  }
  const example = element('code', {}, `npm run cellar -- send NAME '{"name": "value"}'`);
  const text = element('p', {}, 'No task has been sent yet. Place an order in the shop, or send one by hand:');
  empty.replaceChildren(text, element('p', {}, example), element('p', {}, 'It appears here within a second.'));
}

function moveBetweenRows(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  const buttons = [...event.currentTarget.querySelectorAll('[data-row]')];
  const next = buttons[buttons.indexOf(event.target) + step];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}
