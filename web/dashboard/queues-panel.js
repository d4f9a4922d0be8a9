import { element, setText } from './element.js';
import { coarse, count } from './format.js';
import { keyedList } from './keyed-list.js';

/** Each with the states of the tasks that it counts, where one state says it. */
const FIGURES = [
  { key: 'ready', label: 'ready', state: 'PENDING' },
  { key: 'inFlight', label: 'in flight', state: '' },
  { key: 'delayed', label: 'delayed', state: 'PENDING' },
];

/** Queues with their counts. `onQueue` filters the tasks by one, and by a state; `onDead` opens its dead letters. */
export function queuesPanel({ onQueue, onDead }) {
  const list = document.getElementById('queues');
  const note = document.getElementById('queues-note');
  const empty = document.getElementById('queues-empty');
  let nowMs = 0;

  function card() {
    let queue = '';
    const name = element('button.queue-name', { type: 'button', onclick: () => onQueue(queue, '') });
    const age = element('span.queue-age');
    const figures = FIGURES.map(({ key, label, state }) => {
      const number = element('span.figure-number');
      const name = element('span.figure-label', {}, label);
      const properties = { type: 'button', onclick: () => onQueue(queue, state), title: 'Show these tasks' };
      return { key, number, root: element('button.figure', properties, number, name) };
    });
    const deadNumber = element('span.figure-number');
    const dead = element('button.figure.dead', { type: 'button', onclick: () => onDead(queue) });
    dead.append(deadNumber, element('span.figure-label', {}, 'dead'));
    const head = element('div.queue-head', {}, name, age);
    const root = element('li.queue', {}, head, element('div.figures', {}, ...figures.map((one) => one.root), dead));
    return {
      root,
      update(counts) {
        queue = counts.queue;
        setText(name, queue);
        name.title = `Show the tasks of ${queue}`;
        for (const { key, number, root: figure } of figures) {
          const known = counts[key];
          setText(number, known === undefined ? '–' : known.toLocaleString('en-GB'));
          figure.classList.toggle('is-zero', (known ?? 0) === 0);
        }
        setText(deadNumber, counts.dead.toLocaleString('en-GB'));
        dead.classList.toggle('is-zero', counts.dead === 0);
        dead.disabled = counts.dead === 0;
        dead.title = counts.dead === 0 ? '' : `Show the dead letters of ${queue}`;
        const oldest = counts.oldestReadyAtMs;
        setText(age, oldest === undefined ? '' : `oldest ${coarse(nowMs - oldest)}`);
      },
    };
  }

  const show = keyedList(list, { key: ({ queue }) => queue, make: card });
  return (answer) => {
    nowMs = answer.nowMs;
    show(answer.queues);
    empty.hidden = answer.queues.length > 0;
    const waiting = answer.queues.reduce((sum, { ready, delayed }) => sum + ready + (delayed ?? 0), 0);
    const dead = answer.queues.reduce((sum, queue) => sum + queue.dead, 0);
    const about = answer.exactCounts ? '' : 'about ';
    setText(
      note,
      `${about}${count(waiting, 'message')} waiting${dead === 0 ? '' : `, ${dead.toLocaleString('en-GB')} dead`}`,
    );
    note.title = answer.exactCounts ? '' : 'This broker counts with a delay of some seconds.';
  };
}
