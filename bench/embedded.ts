/**
 * The embedded broker under no-op tasks, beside BullMQ on Redis in the same run: sent and processed per second,
 * latency when idle, memory. `npm run bench embedded`; `-- --json` for programs, `-- --quick` for a tenth of the messages.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { startRedis } from './embedded/redis.ts';
import type { Latency, Rate, Scenario } from './embedded/scenario.ts';

const asJson = process.argv.includes('--json');
const scale = process.argv.includes('--quick') ? 0.1 : 1;
const many = (count: number): number => Math.max(500, Math.round((count * scale) / 500) * 500);

const places = [
  { broker: 'embedded:', durability: 'process' },
  { broker: 'embedded:', durability: 'power' },
  { broker: 'memory:', durability: 'process' },
] as const;

function scenarios(): readonly Scenario[] {
  return places.flatMap((place): readonly Scenario[] => {
    const slow = place.durability === 'power' ? 0.2 : 1;
    const elsewhere = place.broker === 'memory:' ? ([1] as const) : ([1, 2] as const);
    return [
      { ...place, kind: 'send', how: 'one', messages: many(10_000 * slow) },
      { ...place, kind: 'send', how: 'concurrent', messages: many(50_000) },
      { ...place, kind: 'send', how: 'batch', messages: many(200_000) },
      ...elsewhere.flatMap((processes): readonly Scenario[] => [
        { ...place, kind: 'process', results: false, processes, messages: many(200_000) },
        { ...place, kind: 'process', results: true, processes, messages: many(100_000) },
        { ...place, kind: 'latency', processes, messages: many(processes === 1 ? 5_000 : 500) },
      ]),
    ];
  });
}

const peerScenarios: readonly Scenario[] = [
  { broker: 'redis', durability: 'process', kind: 'send', how: 'one', messages: many(10_000) },
  { broker: 'redis', durability: 'process', kind: 'send', how: 'concurrent', messages: many(50_000) },
  { broker: 'redis', durability: 'process', kind: 'send', how: 'batch', messages: many(50_000) },
  { broker: 'redis', durability: 'process', kind: 'process', results: false, processes: 1, messages: many(50_000) },
  { broker: 'redis', durability: 'process', kind: 'process', results: true, processes: 1, messages: many(50_000) },
  { broker: 'redis', durability: 'process', kind: 'latency', processes: 1, messages: many(5_000) },
];

interface Row {
  readonly peer: 'Cellar' | 'BullMQ';
  readonly scenario: Scenario;
  readonly figure: Rate | Latency;
}

const run = (script: string, args: readonly string[]): Rate | Latency => runScript<Rate | Latency>(script, args);

function runScript<Figures>(script: string, args: readonly string[]): Figures {
  const path = fileURLToPath(new URL(`./embedded/${script}`, import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [path, ...args], {
    encoding: 'utf8',
    timeout: 300_000,
  });
  if (status !== 0) throw new Error(`${script} ${args.join(' ')} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

function nameOf(scenario: Scenario): string {
  const place = scenario.broker === 'embedded:' ? `embedded ${scenario.durability}` : scenario.broker.replace(':', '');
  const processes = scenario.kind !== 'send' && scenario.processes === 2 ? ', 2 processes' : '';
  if (scenario.kind === 'send') return `${place}: send, ${scenario.how}`;
  if (scenario.kind === 'latency') return `${place}: latency, one at a time${processes}`;
  return `${place}: process ${scenario.results ? 'with' : 'without'} results${processes}`;
}

function show({ peer, scenario, figure }: Row): string {
  const name = `${peer.padEnd(7)} ${nameOf(scenario).padEnd(54)}`;
  return 'perSecond' in figure
    ? `${name} ${Math.round(figure.perSecond).toLocaleString('en').padStart(9)}/s   ${figure.rssMb} MB`
    : `${name} p50 ${figure.p50Ms.toFixed(2)} ms   p99 ${figure.p99Ms.toFixed(2)} ms`;
}

function rateOf(rows: readonly Row[], peer: Row['peer'], wanted: string): number {
  const row = rows.find((candidate) => candidate.peer === peer && nameOf(candidate.scenario) === wanted);
  return row !== undefined && 'perSecond' in row.figure ? row.figure.perSecond : Number.NaN;
}

function ratios(rows: readonly Row[]): Readonly<Record<string, number>> {
  const names = ['send, one', 'send, concurrent', 'send, batch', 'process without results', 'process with results'];
  return Object.fromEntries(
    names.map((name) => [
      name,
      rateOf(rows, 'Cellar', `embedded process: ${name}`) / rateOf(rows, 'BullMQ', `redis: ${name}`),
    ]),
  );
}

const rows: Row[] = [];
const say = (text: string): void => void (asJson || process.stdout.write(`${text}\n`));
const add = (row: Row): void => {
  rows.push(row);
  say(show(row));
};

const machine = {
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGb: Math.round(totalmem() / 1e9),
  node: process.version,
};
say(
  `${machine.cores} × ${machine.cpu}, ${machine.memoryGb} GB, Node ${machine.node}; concurrency 32, messages of about 600 bytes`,
);
const bare = runScript<{ readonly inserted: number; readonly taken: number }>('bare-scenario.ts', []);
say(
  `bare node:sqlite: ${Math.round(bare.inserted).toLocaleString('en')} inserts/s in batches, ${Math.round(bare.taken).toLocaleString('en')} claim + delete/s`,
);
for (const scenario of scenarios())
  add({ peer: 'Cellar', scenario, figure: run('cellar-scenario.ts', [JSON.stringify(scenario)]) });

const bullmq = existsSync(new URL('./node_modules/bullmq/package.json', import.meta.url));
const redis = bullmq ? await startRedis() : 'BullMQ is not installed (npm ci --prefix bench)';
if (typeof redis === 'string') {
  say(`BullMQ not measured: ${redis}`);
} else {
  try {
    for (const scenario of peerScenarios) {
      add({
        peer: 'BullMQ',
        scenario,
        figure: run('bullmq-scenario.ts', [String(redis.port), JSON.stringify(scenario)]),
      });
    }
  } finally {
    redis.stop();
  }
  for (const [name, ratio] of Object.entries(ratios(rows))) say(`Cellar / BullMQ, ${name}: ${ratio.toFixed(1)}×`);
}
if (asJson) process.stdout.write(`${JSON.stringify({ machine, bare, rows, ratios: ratios(rows) }, null, 2)}\n`);
