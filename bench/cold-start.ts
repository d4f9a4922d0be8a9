/**
 * What a cold start of a Lambda function pays for its code: KiB to load (gzip) and milliseconds to import, each in a fresh
 * Node process: `npm run bench cold-start [-- --json]`. Bundles are those that `cdk deploy` makes.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { type Bundle, bundle, writeBundle } from '../shared/cellar/cdk/bundle.ts';

const ROUNDS = 25;

interface Goal {
  readonly kib: number;
  /** Above what the empty handler takes. */
  readonly ms: number;
}

interface Subject {
  readonly name: string;
  readonly file: string;
  readonly goal?: Goal;
  /** `[]` bundles the SDK's clients, as outside Lambda. @default as `cdk deploy` */
  readonly conditions?: readonly string[];
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const COMPUTES = here('cold-start/compute-worker.ts');
const SENDS = here('cold-start/sending-worker.ts');
const API = here('../functions/api/handler.ts');
const SDK = { conditions: [] };

const SUBJECTS: readonly Subject[] = [
  { name: 'empty handler', file: here('cold-start/empty.ts') },
  { name: 'worker that computes', file: COMPUTES, goal: { kib: 25, ms: 10 } },
  { name: 'worker that stores and sends', file: SENDS, goal: { kib: 60, ms: 15 } },
  { name: 'the shop’s API', file: API, goal: { kib: 60, ms: 15 } },
  { name: 'worker that computes, SDK clients', file: COMPUTES, ...SDK },
  { name: 'worker that stores and sends, SDK clients', file: SENDS, ...SDK },
  { name: 'the shop’s API, SDK clients', file: API, ...SDK },
];

const IMPORT = `
const start = performance.now();
await import(process.argv[1]);
process.stdout.write(String(performance.now() - start));
process.exit(0);
`;

/** As Lambda runs a function; the clients are opened at the first event, not here. */
const ENVIRONMENT = { AWS_LAMBDA_FUNCTION_NAME: 'bench', AWS_REGION: 'us-east-1' };

/** What is loaded at the start, or what is loaded when it is first needed. */
function kibOf({ modules }: Bundle, isLoadedAtStart: boolean): number {
  const asked = [...modules.values()].filter((module) => module.isLoadedAtStart === isLoadedAtStart);
  return asked.reduce((sum, { code }) => sum + gzipSync(code).length, 0) / 1024;
}

function importMilliseconds(folder: string): number {
  const url = pathToFileURL(join(folder, 'index.mjs')).href;
  const parameters = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', IMPORT, url];
  return Number(execFileSync(process.execPath, parameters, { env: ENVIRONMENT, encoding: 'utf8' }));
}

function median(values: readonly number[]): number {
  return [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const root = mkdtempSync(join(tmpdir(), 'cellar-cold-start-'));
const built = SUBJECTS.map((subject, index) => {
  const made = bundle(
    { file: subject.file },
    subject.conditions === undefined ? {} : { conditions: subject.conditions },
  );
  const folder = join(root, String(index));
  writeBundle(made, folder);
  const kib = kibOf(made, true);
  return { ...subject, folder, kib, kibLater: kibOf(made, false), times: [] as number[] };
});
// Round by round, so that what else the machine does falls on all alike.
for (let round = 0; round <= ROUNDS; round += 1) {
  for (const { folder, times } of built) {
    const time = importMilliseconds(folder);
    if (round > 0) times.push(time); // the first one fills the disk's cache
  }
}
rmSync(root, { recursive: true });

const emptyMs = median(built[0]?.times ?? []);
const figures = built.map(({ name, kib, kibLater, times, goal }) => {
  const msAboveEmpty = median(times) - emptyMs;
  const met = goal === undefined ? undefined : kib <= goal.kib && msAboveEmpty <= goal.ms;
  return {
    name,
    kibGzip: rounded(kib),
    kibWhenNeeded: rounded(kibLater),
    importMs: rounded(median(times)),
    msAboveEmpty: rounded(msAboveEmpty),
    goal,
    met,
  };
});

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

if (process.argv.includes('--json')) console.log(JSON.stringify(figures));
else {
  console.table(
    figures.map(({ goal, met, ...figure }) => ({
      ...figure,
      goal: goal === undefined ? '' : `≤ ${goal.kib} KiB, ≤ ${goal.ms} ms: ${met ? 'met' : 'missed'}`,
    })),
  );
}
