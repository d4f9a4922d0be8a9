import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Cellar, loadSettings, task, topology } from 'cellar';
import { findTask, listTasks } from '../../../shared/cellar/inspect/list-tasks.ts';
import { openWithLimitedSight } from './limited-sight.ts';

const pour = task('bar.pour', { params: {}, queue: 'bar' });

describe('listTasks on a broker that lets only its dead letters be seen', () => {
  let cellar: Cellar;
  beforeEach(async () => {
    const settings = loadSettings({ CELLAR_BROKER_URL: 'memory:', CELLAR_LOG_LEVEL: 'error' });
    cellar = await Cellar.open({
      settings,
      topology: topology({ queues: { bar: {} } }),
      backend: await openWithLimitedSight(['dead']),
    });
  });
  afterEach(async () => {
    await cellar.close();
    await cellar.backend.broker.close();
  });

  it('leaves out what waits, and asks for no other place', async () => {
    const { id } = await cellar.send(pour());
    expect(await listTasks(cellar, { limit: 10 })).toEqual([]);
    expect(await findTask(cellar, id)).toBeUndefined();
  });

  it('shows the dead', async () => {
    const { id } = await cellar.send(pour());
    const [delivery] = await cellar.backend.broker.receive('bar', { maxMessages: 1, waitMs: 0 });
    if (delivery === undefined) throw new Error('nothing was delivered');
    await cellar.backend.broker.settle([{ delivery, publish: [], disposition: { kind: 'dead', reason: 'broken' } }]);
    const seen = { id, place: 'dead', state: 'FAILURE', reason: 'broken' };
    expect(await listTasks(cellar, { limit: 10 })).toMatchObject([seen]);
    expect(await findTask(cellar, id)).toMatchObject(seen);
  });
});
