import { element, setText } from './element.js';
import { clockTime, count, relative } from './format.js';
import { callText } from './json-text.js';
import { keyedList } from './keyed-list.js';

/** The periodic tasks in plain words, with their last and next run. */
export function schedulesPanel() {
  const rows = document.getElementById('schedule-rows');
  const note = document.getElementById('schedules-note');
  const empty = document.getElementById('schedules-empty');
  const head = rows.parentElement.tHead;
  let nowMs = 0;

  function row() {
    const name = element('th', { scope: 'row' });
    const words = element('td.schedule-words');
    const task = element('td.schedule-task');
    const last = timeCell('last');
    const next = timeCell('next');
    return {
      root: element('tr', {}, name, words, task, last.root, next.root),
      update(schedule) {
        setText(name, schedule.name);
        setText(words, schedule.words);
        setText(task, `${schedule.task}(${callText(schedule.args, schedule.kwargs)})`);
        last.update(schedule.lastFiredMs, schedule.timeZone, 'not yet');
        next.update(schedule.nextDueMs, schedule.timeZone, 'never again');
      },
    };
  }

  function timeCell(kind) {
    const main = element('span.when');
    const exact = element('span.when-exact');
    return {
      root: element(`td.schedule-${kind}`, {}, main, exact),
      update(ms, timeZone, otherwise) {
        setText(main, ms === undefined ? otherwise : relative(ms, nowMs));
        setText(exact, ms === undefined ? '' : `${clockTime(ms, timeZone)} ${timeZone}`);
      },
    };
  }

  const show = keyedList(rows, { key: ({ name }) => name, make: row });
  return (answer) => {
    nowMs = answer.nowMs;
    show(answer.schedules);
    empty.hidden = answer.schedules.length > 0;
    head.hidden = answer.schedules.length === 0;
    setText(note, answer.schedules.length === 0 ? '' : count(answer.schedules.length, 'periodic task'));
  };
}
