/** What the suite saw, kept for the table in docs/brokers.md when `CELLAR_CONFORMANCE_RECORD` names a folder. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import type { Behaviour, Shown } from './behaviour.ts';

/** One behaviour on one broker. */
export interface Noted {
  readonly broker: string;
  readonly topic: string;
  readonly behaviour: string;
  readonly shown: Shown;
}

export interface Record {
  /** So far. */
  readonly noted: readonly Noted[];
  note(behaviour: Behaviour, shown: Shown): void;
  write(): void;
}

export function recordOf(broker: string, minutes: boolean): Record {
  const noted: Noted[] = [];
  return {
    noted,
    note({ topic, name }, shown) {
      noted.push({ broker, topic, behaviour: name, shown });
    },
    write() {
      const folder = process.env.CELLAR_CONFORMANCE_RECORD;
      if (folder === undefined) return;
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, `${broker}${minutes ? ' minutes' : ''}.json`), JSON.stringify(noted));
    },
  };
}

/** Whether what is seen is to be kept, and not to be compared. */
export const isRecording = (): boolean => process.env.CELLAR_CONFORMANCE_RECORD !== undefined;

export function readRecords(folder: string): readonly Noted[] {
  return readdirSync(folder).flatMap((file): Noted[] => JSON.parse(readFileSync(join(folder, file), 'utf8')));
}
