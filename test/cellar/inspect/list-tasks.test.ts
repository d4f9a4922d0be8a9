import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Cellar, loadSettings, systemRuntime, task, topology } from 'cellar';
import type { Backend } from '../../../shared/cellar/backend.ts';
import type { BrokerCapabilities, PeekedMessage } from '../../../shared/cellar/broker.ts';
import { openMemory } from '../../../shared/cellar/brokers/memory/open-memory.ts';
import { CellarError } from '../../../shared/cellar/errors.ts';
import { findTask, listTasks } from '../../../shared/cellar/inspect/list-tasks.ts';

const pour = task('bar.pour', { params: {}, queue: 'bar' });

/** The memory broker, of which only some places can be looked into; it refuses the others, as the port says. */
async function openOnly(peekable: readonly PeekedMessage['place'][]): Promise<Backend> {
  const memory = await openMemory({ runtime: systemRuntime, resultExpiresSeconds: 60 });
  const capabilities: BrokerCapabilities = { ...memory.broker.capabilities, peekable };
  const broker = new Proxy(memory.broker, {
    get(target, name) {
      if (name === 'capabilities') return capabilities;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const peek: Backend['admin']['peek'] = async (queue, options) => {
    if (!peekable.includes(options.place)) throw new CellarError('not-supported', `no look at ${options.place}`);
    return memory.admin.peek(queue, options);
  };
  const admin = new Proxy(memory.admin, {
    get(target, name) {
      if (name === 'peek') return peek;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return { ...memory, broker, admin };
}

describe('listTasks on a broker that lets only its dead letters be seen', () => {
  let cellar: Cellar;
  beforeEach(async () => {
    const settings = loadSettings({ CELLAR_BROKER_URL: 'memory:', CELLAR_LOG_LEVEL: 'error' });
    cellar = await Cellar.open({
      settings,
      topology: topology({ queues: { bar: {} } }),
      backend: await openOnly(['dead']),
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
