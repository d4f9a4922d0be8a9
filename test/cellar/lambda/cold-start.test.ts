/** What a function loads before its first event. */
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { bundle } from '../../../shared/cellar/cdk/bundle.ts';

const COMPUTES = fileURLToPath(new URL('../../../bench/cold-start/compute-worker.ts', import.meta.url));
/** Room for a fix, not for another module that every function pays for. */
const MOST_KIB = 34;

/** Sentences of code that a worker needs only when it sends, stores, fails, buries or checks a topology. */
const LATER = {
  publishing: 'a delayed message goes to a queue',
  'dead letters': 'the dead-letter queue did not take it',
  claims: 'claimGeneration',
  endings: 'worker fault: ',
  'errors of AWS': 'and no message',
  events: 'task-sent',
  'filter policies': 'its bindings test ',
};

describe('a worker that computes', () => {
  let atStart = '';
  let later = '';
  beforeAll(() => {
    for (const { code, isLoadedAtStart } of bundle({ file: COMPUTES }).modules.values()) {
      if (isLoadedAtStart) atStart += code;
      else later += code;
    }
  });

  it(`loads at most ${MOST_KIB} KiB, gzipped`, () => {
    expect(gzipSync(atStart).length / 1024).toBeLessThanOrEqual(MOST_KIB);
  });

  it.each(Object.entries(LATER))('loads %s when they are needed', (_what, sentence) => {
    expect([atStart.includes(sentence), later.includes(sentence)]).toEqual([false, true]);
  });

  it('has no checks of the topology, which was checked when it was deployed', () => {
    expect((atStart + later).includes('x-match is')).toBe(false);
  });

  it('has nothing of other brokers, of commands or of beat', () => {
    expect(/node:sqlite|node:fs|aws-sdk|readdir/.exec(atStart + later)?.[0]).toBeUndefined();
  });
});
