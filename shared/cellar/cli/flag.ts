/** The options of commands, as data: parsing, checks and help all come from these. */
import type { ValueReader } from '../settings/value-reader.ts';

export interface Flag<Value> {
  readonly help: string;
  readonly short?: string;
  /** What stands for the value in the usage; absent for a switch. */
  readonly placeholder?: string;
  /** What is allowed, for the message about a value that is not. */
  readonly allowed: string;
  /** A value as a message may show it. @default the value, quoted */
  readonly show?: (text: string) => string;
  /** The value of all that was given, in order; `undefined` in a box where it is not allowed. */
  readonly read: (given: readonly string[]) => { readonly value: Value } | undefined;
}

export type Flags = Readonly<Record<string, Flag<unknown>>>;
export type FlagValues<F extends Flags> = { readonly [Name in keyof F]: F[Name] extends Flag<infer V> ? V : never };

/** An option without a value. */
export function toggle(help: string, short?: string): Flag<boolean> {
  return {
    help,
    allowed: 'no value',
    read: (given) => ({ value: given.length > 0 }),
    ...(short === undefined ? undefined : { short }),
  };
}

/** An option with one value; given twice, the last counts. */
export function option<Value>(
  placeholder: string,
  help: string,
  reader: ValueReader<Value> & { readonly short?: string },
): Flag<Value | undefined> {
  const { allowed, short, show } = reader;
  return {
    help,
    placeholder,
    allowed,
    read(given) {
      const text = given.at(-1);
      if (text === undefined) return { value: undefined };
      const value = reader.read(text);
      return value === undefined ? undefined : { value };
    },
    ...(show === undefined ? undefined : { show }),
    ...(short === undefined ? undefined : { short }),
  };
}

/** An option that may be given several times. */
export function repeated<Value>(placeholder: string, help: string, reader: ValueReader<Value>): Flag<readonly Value[]> {
  return {
    help,
    placeholder,
    allowed: reader.allowed,
    read(given) {
      const values = given.map((text) => reader.read(text));
      return values.every((value) => value !== undefined) ? { value: values } : undefined;
    },
  };
}

/** Text with at least one character. */
export const anyText: ValueReader<string> = {
  allowed: 'a text that is not empty',
  read: (text) => (text === '' ? undefined : text),
};

/** Any text, empty too. */
export const maybeText: ValueReader<string> = { allowed: 'a text', read: (text) => text };

/** A list of names divided by commas. */
export const nameList: ValueReader<readonly string[]> = {
  allowed: 'names divided by commas',
  read(text) {
    const names = text.split(',').map((name) => name.trim());
    return names.includes('') ? undefined : [...new Set(names)];
  },
};

/** A time with its offset, so that nobody guesses a zone. */
export const isoTime: ValueReader<Date> = {
  allowed: 'an ISO 8601 time with an offset, such as 2026-12-24T18:00:00Z',
  read(text) {
    const date = new Date(text);
    return /T.*(?:Z|[+-]\d\d:?\d\d)$/i.test(text) && !Number.isNaN(date.getTime()) ? date : undefined;
  },
};

/** `--message-group` of `messageGroup`. */
export function flagName(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
