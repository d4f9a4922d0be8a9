/** What `kill -9` at any moment leaves: nothing lost, no child sent twice. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Cellar, loadSettings, worker } from 'cellar';
import { child, killTopology, parent } from './process/topology.ts';

const KILLS = 200;
/** Processes on the file at the same time. */
const PROCESSES = 2;
const SEED = 20_261_123;

/** Numbers in [0, 1) that are the same in every run (a linear congruential generator, Numerical Recipes). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

interface Counted {
  readonly id: string;
  readonly count: number;
}

describe('kill -9 at random moments under load', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cellar-kill-'));
  /** The program in one file: so it starts in a tenth of the time that its sources take. */
  const script = join(folder, 'main.mjs');
  const path = join(folder, 'cellar.db');
  const log = join(folder, 'log.txt');
  const random = seeded(SEED);
  const settings = loadSettings({ CELLAR_BROKER_URL: `embedded:${path}`, CELLAR_LOG_LEVEL: 'error' });
  const living = new Set<ChildProcess>();
  let created: readonly Counted[] = [];
  let sentIds: readonly string[] = [];
  let ranIds: readonly string[] = [];

  /** Lets a process work for 5 to 120 ms after it is ready, and kills it. */
  async function liveAndDie(): Promise<void> {
    const started = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, path, log], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    living.add(started);
    const ended = once(started, 'exit');
    const ready = once(started.stdout, 'data');
    const first = await Promise.race([ready.then(() => 'ready'), ended.then(() => 'ended')]);
    expect(first).toBe('ready');
    await pause(5 + random() * 115);
    started.kill('SIGKILL');
    const [, signal] = await ended;
    living.delete(started);
    expect(signal).toBe('SIGKILL');
  }

  function bundle(): void {
    const esbuild = fileURLToPath(new URL('../../node_modules/esbuild/bin/esbuild', import.meta.url));
    const source = fileURLToPath(new URL('./process/main.ts', import.meta.url));
    const options = ['--bundle', '--platform=node', '--format=esm', '--target=node24', '--log-level=error'];
    execFileSync(esbuild, [source, ...options, `--outfile=${script}`]);
  }

  async function killMany(): Promise<void> {
    let kills = 0;
    const lane = async (): Promise<void> => {
      while (kills++ < KILLS) await liveAndDie();
    };
    await Promise.all(Array.from({ length: PROCESSES }, lane));
  }

  /** Works off what is left, in this process. */
  async function workOff(): Promise<void> {
    const handlers = [
      worker({ queue: 'parents' }).handle(parent, async ({ send }, { number }) => {
        for (const index of [0, 1]) send(child({ number, index }));
        return number;
      }),
      worker({ queue: 'children' }).handle(child, async () => undefined),
    ];
    const cellar = await Cellar.open({ settings, topology: killTopology, handlers });
    const deadline = Date.now() + 60_000;
    for (;;) {
      const counts = await cellar.admin.counts();
      if (counts.every(({ ready, inFlight = 0, delayed = 0 }) => ready + inFlight + delayed === 0)) break;
      if (Date.now() > deadline) throw new Error(`messages are left: ${JSON.stringify(counts)}`);
      await pause(20);
    }
    await cellar.close();
  }

  beforeAll(async () => {
    const first = await Cellar.open({ settings, topology: killTopology });
    await first.close();
    const database = new DatabaseSync(path);
    // Every row that ever comes into a queue; later changes of a message are updates of its row.
    database.exec(`
      CREATE TABLE created (id TEXT NOT NULL);
      CREATE TRIGGER note_created AFTER INSERT ON cellar_messages BEGIN
        INSERT INTO created (id) VALUES (new.correlation_id);
      END`);
    bundle();
    await killMany();
    await workOff();
    const rows = database.prepare('SELECT id, count(*) AS count FROM created GROUP BY id').all();
    created = rows.map(({ id, count }) => ({ id: String(id), count: Number(count) }));
    database.close();
    const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
    const idsOf = (what: string) =>
      lines.filter((line) => line.startsWith(`${what} `)).flatMap((line) => line.split(' ').slice(1));
    sentIds = idsOf('sent');
    ranIds = idsOf('ran');
  }, 180_000);

  afterAll(() => {
    for (const started of living) started.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  it('killed processes that worked', () => {
    console.log(
      `${KILLS} kills, ${sentIds.length} parents acknowledged, ${created.length} messages, ${ranIds.length} runs before the last`,
    );
    expect(sentIds.length).toBeGreaterThan(KILLS);
    expect(ranIds.length).toBeGreaterThan(KILLS);
    // Some died between a run and its settlement; otherwise the moments were not the interesting ones.
    expect(new Set(ranIds).size).toBeLessThan(ranIds.length);
  });

  it('lost nothing that a producer was told is there', () => {
    const known = new Set(created.map(({ id }) => id));
    expect(sentIds.filter((id) => !known.has(id))).toEqual([]);
  });

  it('put no message into a queue twice', () => {
    expect(created.filter(({ count }) => count !== 1)).toEqual([]);
  });

  it('ended every task in SUCCESS, with exactly two children for each parent', async () => {
    const cellar = await Cellar.open({ settings, topology: killTopology });
    const results = await cellar.results.get(created.map(({ id }) => id));
    const counts = await cellar.admin.counts();
    await cellar.close();
    const unsuccessful = results.filter((result) => result?.state !== 'SUCCESS');
    expect(unsuccessful).toEqual([]);
    const parents = results.filter((result) => result?.task === parent.name);
    const childIds = parents.flatMap((result) => result?.children ?? []);
    expect(parents.map((result) => result?.children?.length).filter((length) => length !== 2)).toEqual([]);
    expect(new Set(childIds).size).toBe(childIds.length);
    expect(created.length).toBe(parents.length * 3);
    expect([...childIds].sort()).toEqual(
      results.flatMap((result) => (result?.task === child.name ? [result.id] : [])).sort(),
    );
    expect(counts.map(({ dead }) => dead)).toEqual([0, 0]);
  });
});
