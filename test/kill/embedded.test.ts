/** What `kill -9` at any moment leaves: nothing lost, no child sent twice. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Cellar, loadSettings, worker } from 'cellar';
import { bundleProgram, killMany } from './kill-many.ts';
import { child, killTopology, parent } from './process/embedded-topology.ts';

const KILLS = 200;
/** Processes on the file at the same time. */
const PROCESSES = 2;
const SEED = 20_261_123;

interface Counted {
  readonly id: string;
  readonly count: number;
}

describe('kill -9 at random moments under load', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cellar-kill-'));
  const path = join(folder, 'cellar.db');
  const log = join(folder, 'log.txt');
  const settings = loadSettings({ CELLAR_BROKER_URL: `embedded:${path}`, CELLAR_LOG_LEVEL: 'error' });
  let created: readonly Counted[] = [];
  let sentIds: readonly string[] = [];
  let ranIds: readonly string[] = [];

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
    const script = bundleProgram('embedded', folder);
    await killMany({ script, arguments: [path, log], kills: KILLS, side: PROCESSES, seed: SEED, longestMs: 120 });
    await workOff();
    const rows = database.prepare('SELECT id, count(*) AS count FROM created GROUP BY id').all();
    created = rows.map(({ id, count }) => ({ id: String(id), count: Number(count) }));
    database.close();
    const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
    const idsOf = (what: string) =>
      lines.filter((line) => line.startsWith(`${what} `)).flatMap((line) => line.split(' ').slice(1));
    sentIds = idsOf('sent');
    ranIds = idsOf('ran');
  }, 400_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

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
