/** The filters of the task table. They live in the address, so that a view can be shared. */
import { element } from './element.js';
import { STATES } from './state-chip.js';

const NAMES = ['task', 'state', 'queue'];

/** @param {{ onChange: () => void }} options */
export function taskFilters({ onChange }) {
  const form = document.getElementById('filters');
  const clear = document.getElementById('clear');
  const { task, state, queue } = form.elements;
  state.append(...STATES.map((name) => element('option', { value: name }, name.toLowerCase())));
  const address = new URLSearchParams(location.search);

  for (const name of NAMES) {
    const value = address.get(name) ?? '';
    if (value !== '' && form.elements[name].tagName === 'SELECT') addOption(form.elements[name], value);
    form.elements[name].value = value;
  }
  const changed = () => {
    clear.hidden = !isFiltered();
    onChange();
  };
  const isFiltered = () => NAMES.some((name) => form.elements[name].value !== '');
  form.addEventListener('input', changed);
  form.addEventListener('submit', (event) => event.preventDefault());
  // The fields are empty only after this event.
  form.addEventListener('reset', () => queueMicrotask(() => setTimeout(changed)));
  document.addEventListener('keydown', (event) => {
    const typing = event.target instanceof HTMLElement && event.target.matches('input, select, textarea');
    if (event.key !== '/' || typing || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    task.focus();
  });
  clear.hidden = !isFiltered();

  return {
    isFiltered,
    clear: () => form.reset(),
    /** Shows one queue's tasks, in one state where it is named. */
    set(queueName, stateName) {
      queue.value = queueName;
      state.value = stateName;
      changed();
    },
    /** Offers these queues. */
    offer(queues) {
      for (const name of queues) addOption(queue, name);
    },
    /** What is set, as parameters of an address. */
    parameters() {
      const set = NAMES.map((name) => [name, form.elements[name].value.trim()]).filter(([, value]) => value !== '');
      return new URLSearchParams(set);
    },
  };
}

function addOption(select, value) {
  if ([...select.options].some((option) => option.value === value)) return;
  select.append(element('option', { value }, select.name === 'state' ? value.toLowerCase() : value));
}
