/** The dashboard's page: asks the API each second while it is seen, and shows what has changed. */
import { drawer } from './drawer.js';
import { setText } from './element.js';
import { taskFilters } from './filters.js';
import { queuesPanel } from './queues-panel.js';
import { schedulesPanel } from './schedules-panel.js';
import { tasksPanel } from './tasks-panel.js';

const PERIOD_MS = 1000;
const LIMIT = 100;

const liveState = document.getElementById('live-state');
const pause = document.getElementById('pause');
const broker = document.getElementById('broker');

/** Answers what the API says, its faults (`{ error: { code, message } }`) too; throws where there is no answer. */
async function ask(path) {
  const response = await fetch(`api/${path}`, { headers: { accept: 'application/json' } });
  return response.json();
}

const filters = taskFilters({ onChange: () => look() });
const panel = drawer({ ask, onChange: showAddress });
const showQueues = queuesPanel({
  onQueue: (queue, state) => filters.set(queue, state),
  onDead: (queue) => panel.open({ dead: queue }),
});
const showTasks = tasksPanel({ onTask: (id) => panel.open({ task: id }), onClear: () => filters.clear() });
const showSchedules = schedulesPanel();

let paused = false;
let timer;
let round = 0;

/** Asks for everything once, then again after a while. A newer round overtakes an older one. */
async function look() {
  const own = ++round;
  clearTimeout(timer);
  showAddress();
  try {
    const parameters = filters.parameters();
    parameters.set('limit', String(LIMIT));
    const answers = await Promise.all([ask('queues'), ask(`tasks?${parameters}`), ask('schedules'), panel.update()]);
    if (own !== round) return;
    show(answers);
    setLive(paused ? 'paused' : 'live');
  } catch {
    if (own !== round) return;
    setLive('offline');
  }
  if (!paused && !document.hidden) timer = setTimeout(look, PERIOD_MS);
}

function show([queues, tasks, schedules]) {
  setText(broker, queues.broker);
  showQueues(queues);
  filters.offer(queues.queues.map(({ queue }) => queue));
  // A filter that came with the address may name what is not there.
  showTasks(tasks.error === undefined ? tasks : { ...tasks, nowMs: queues.nowMs, tasks: [] }, {
    filtered: filters.isFiltered(),
    limit: LIMIT,
    waitingHidden: !queues.peekable.includes('ready'),
  });
  showSchedules(schedules);
}

const LIVE_WORDS = { live: 'live', paused: 'paused', offline: 'no answer, trying again' };

function setLive(state) {
  setText(liveState, LIVE_WORDS[state]);
  liveState.dataset.state = state;
}

function showAddress() {
  const parameters = filters.parameters();
  for (const [name, value] of Object.entries(panel.shown)) parameters.set(name === 'task' ? 'id' : name, value);
  const query = parameters.toString();
  history.replaceState(null, '', query === '' ? location.pathname : `?${query}`);
}

pause.addEventListener('click', () => {
  paused = !paused;
  pause.setAttribute('aria-pressed', String(paused));
  setText(pause, paused ? 'Resume' : 'Pause');
  setLive(paused ? 'paused' : 'live');
  if (paused) clearTimeout(timer);
  else look();
});

document.addEventListener('visibilitychange', () => {
  clearTimeout(timer);
  if (!document.hidden && !paused) look();
});

const address = new URLSearchParams(location.search);
const id = address.get('id');
const dead = address.get('dead');
look();
if (id !== null) panel.open({ task: id });
else if (dead !== null) panel.open({ dead });
