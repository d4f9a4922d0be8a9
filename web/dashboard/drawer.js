/** The drawer: one task, or the dead letters of one queue. A modal dialog: Escape and a click beside it close it. */
import { element } from './element.js';
import { clockTime, count, relative } from './format.js';
import { callText } from './json-text.js';
import { taskDetails } from './task-details.js';

/**
 * @param {{ ask: (path: string) => Promise<any>, onChange: () => void }} options `onChange`: another thing is shown
 */
export function drawer({ ask, onChange }) {
  const dialog = document.getElementById('drawer');
  const title = element('h2', { id: 'drawer-title' });
  const close = element(
    'button.button',
    { type: 'button', onclick: () => dialog.close(), 'aria-label': 'Close' },
    'Close',
  );
  const body = element('div.drawer-body');
  dialog.append(element('div.drawer-head', {}, title, close), body);
  /** @type {{ task?: string, dead?: string }} */
  let shown = {};
  let last = '';

  dialog.addEventListener('close', () => {
    shown = {};
    onChange();
  });
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });

  async function open(what) {
    shown = what;
    last = '';
    title.textContent = what.task === undefined ? `Dead letters of ${what.dead}` : 'Task';
    body.replaceChildren(element('p.muted', {}, 'Loading'));
    if (!dialog.open) dialog.showModal();
    onChange();
    await update();
  }

  /** Asks again for what is shown. */
  async function update() {
    const wanted = shown;
    if (wanted.task === undefined && wanted.dead === undefined) return;
    const path =
      wanted.task === undefined
        ? `queues/${encodeURIComponent(wanted.dead)}/dead`
        : `tasks/${encodeURIComponent(wanted.task)}`;
    const answer = await ask(path);
    if (wanted !== shown) return;
    const { nowMs, ...content } = answer;
    const text = JSON.stringify(content);
    if (text === last) return;
    last = text;
    show(answer);
  }

  function show({ nowMs, error, task, dead }) {
    const focused = body.contains(document.activeElement) ? document.activeElement.dataset.focus : undefined;
    if (error !== undefined) body.replaceChildren(element('p', {}, error.message));
    else if (task !== undefined) {
      title.textContent = task.task || 'Unreadable message';
      body.replaceChildren(...taskDetails(task, { nowMs, onTask: (id) => open({ task: id }) }));
    } else body.replaceChildren(...deadLetters(dead, { nowMs, onTask: (id) => open({ task: id }) }));
    if (focused !== undefined) body.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
  }

  return {
    open,
    update,
    get shown() {
      return shown;
    },
  };
}

function deadLetters(dead, { nowMs, onTask }) {
  if (dead.length === 0) return [element('p.muted', {}, 'There are none any more.')];
  const items = dead.map(({ id, task, args, kwargs, reason, diedAtMs }) =>
    element(
      'li',
      {},
      element(
        'button.link.strong',
        { type: 'button', onclick: () => onTask(id), 'data-focus': id },
        task || 'unreadable message',
      ),
      element('span.task-call', {}, `(${callText(args, kwargs)})`),
      element('p.is-fault', {}, reason ?? 'no reason was stored'),
      element(
        'p.muted',
        { title: diedAtMs === undefined ? '' : clockTime(diedAtMs) },
        diedAtMs === undefined ? '' : relative(diedAtMs, nowMs),
      ),
    ),
  );
  const hint = element(
    'p.muted',
    {},
    `${count(dead.length, 'message')}, oldest first. Send them back to the queue with`,
  );
  const line = element('code.block', {}, `npm run cellar -- redrive ${dead[0].queue}`);
  return [element('div', {}, hint, line), element('ol.dead-letters', {}, ...items)];
}
