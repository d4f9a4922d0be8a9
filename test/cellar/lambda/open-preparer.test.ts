import { describe, expect, it } from '@jest/globals';
import { Cellar, crontab, loadSettings, task, topology } from 'cellar';
import { openPreparer } from 'cellar/lambda';
import * as z from 'zod/mini';
import { manualClock, manualRuntime } from '../../support/manual-clock.ts';

const pour = task('bar.pour', { params: { glasses: z.int() }, queue: 'bar' });
const declared = topology({
  exchanges: { events: { type: 'topic' } },
  queues: { bar: {}, cellar: {} },
  bindings: [{ exchange: 'events', queue: 'cellar', key: 'poured.#' }],
  schedules: { nightly: { schedule: crontab({ hour: 1, minute: 0 }), task: pour({ glasses: 1 }) } },
});

function open(brokerUrl = 'sqs://eu-central-1/123456789012/bar-dev') {
  const settings = loadSettings({ CELLAR_BROKER_URL: brokerUrl, CELLAR_LOG_LEVEL: 'error' });
  return openPreparer({ settings, topology: declared, runtime: manualRuntime(manualClock()) });
}

describe('openPreparer', () => {
  it('composes what a whole client composes, without opening a broker', async () => {
    const settings = loadSettings({ CELLAR_BROKER_URL: 'memory:', CELLAR_LOG_LEVEL: 'error' });
    const cellar = await Cellar.open({ settings, topology: declared, runtime: manualRuntime(manualClock()) });
    const compose: Parameters<typeof cellar.prepare>[0] = (write) => {
      write.send(pour({ glasses: 2 }), { messageGroup: 'table-1' });
      write.send(pour({ glasses: 3 }), { countdown: 86_400, taskId: 'later' });
      write.publish('events', 'poured.red', pour({ glasses: 4 }));
    };
    const prepared = open().prepare(compose);
    expect(prepared).toEqual(cellar.prepare(compose));
    expect(prepared).toHaveLength(3);
    expect(JSON.parse(JSON.stringify(prepared))).toEqual(prepared);
    await cellar.close();
  });

  it.each([
    ['a priority', { priority: 9 }, 'not-supported'],
    ['a delay longer than AWS holds', { countdown: 400 * 366 * 86_400 }, 'not-supported'],
    ['a queue that is not declared', { queue: 'kitchen' }, 'unknown-queue'],
  ])('refuses %s when it composes, not when the stream is read', (_, options, code) => {
    const preparer = open();
    expect(() => preparer.prepare((write) => write.send(pour({ glasses: 1 }), options))).toThrow(
      expect.objectContaining({ code }),
    );
  });

  it('is for brokers on AWS', () => {
    expect(() => open('embedded:')).toThrow(expect.objectContaining({ code: 'not-supported' }));
  });
});
