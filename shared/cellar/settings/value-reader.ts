import { nameProblem } from '../routing/name-problems.ts';
import { timeZoneProblem } from '../schedule/time-zone.ts';

/** How the text of one environment variable becomes a value. */
export interface ValueReader<Value> {
  /** What is allowed, for the message. */
  readonly allowed: string;
  /** The value; `undefined` = not allowed. */
  read(text: string): Value | undefined;
  /** The text as it may be shown in a message. @default the text, quoted */
  show?(text: string): string;
}

/** Whole numbers within limits, both included. */
export function wholeNumber(least: number, most: number): ValueReader<number> {
  return {
    allowed: `a whole number from ${least} to ${most}`,
    read(text) {
      const value = /^[0-9]+$/.test(text) ? Number(text) : Number.NaN;
      return value >= least && value <= most ? value : undefined;
    },
  };
}

/** Seconds, fractions allowed: more than 0, or 0 too. */
export function seconds(least: 'above zero' | 'zero'): ValueReader<number> {
  return {
    allowed: least === 'zero' ? 'seconds, 0 or more' : 'seconds, more than 0',
    read(text) {
      const value = /^[0-9]+(\.[0-9]+)?$/.test(text) ? Number(text) : Number.NaN;
      return value > 0 || (least === 'zero' && value === 0) ? value : undefined;
    },
  };
}

/** One of a few words. */
export function oneOf<Word extends string>(words: readonly Word[]): ValueReader<Word> {
  return { allowed: words.join(', '), read: (text) => words.find((word) => word === text) };
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['yes', true],
  ['on', true],
  ['false', false],
  ['0', false],
  ['no', false],
  ['off', false],
]);

/** Celery's words for true and false. */
export const truth: ValueReader<boolean> = {
  allowed: [...BOOLEANS.keys()].join(', '),
  read: (text) => BOOLEANS.get(text.toLowerCase()),
};

export const path: ValueReader<string> = {
  allowed: 'the path of a folder',
  read: (text) => (text.includes('\0') ? undefined : text),
};

export const queueName: ValueReader<string> = {
  allowed: "a queue name: 1 to 75 of the characters A-Z a-z 0-9 _ . -, not beginning with 'amq.' or 'cellar.delay'",
  read: (text) => (nameProblem('queue', text) === undefined ? text : undefined),
};

export const timeZone: ValueReader<string> = {
  allowed: "an IANA time zone such as 'UTC' or 'Europe/Zurich'",
  read: (text) => (timeZoneProblem(text) === undefined ? text : undefined),
};

const SCHEME = /^[a-z][a-z0-9+.-]*:/i;

/** Schemes that name a server, and so need one in the URL. */
const SERVER_SCHEMES = ['amqp:', 'amqps:', 'redis:', 'rediss:'];

/** A URL with one of these schemes; it may hold a password, so that messages show its scheme only. */
export function url(schemes: readonly string[]): ValueReader<string> {
  return {
    allowed: `a URL that begins with ${schemes.join(', ')}`,
    read(text) {
      const scheme = SCHEME.exec(text)?.[0].toLowerCase() ?? '';
      if (!schemes.includes(scheme)) return undefined;
      return SERVER_SCHEMES.includes(scheme) && !hasServer(text) ? undefined : text;
    },
    show: redacted,
  };
}

/** RabbitMQ's may name several, which no URL does. */
function hasServer(text: string): boolean {
  return /^[a-z]+:\/\//i.test(text) && URL.canParse(text.replace(/,[^/?#]*/, ''));
}

/**
 * No more than the scheme: where a password has `#`, `/` or `@` in it, what looks like the server may be part of it,
 * and a text that is no URL may be a password pasted into the wrong place.
 */
function redacted(text: string): string {
  return `'${/^[a-z][a-z0-9+-]*:\/\//i.exec(text)?.[0] ?? ''}***'`;
}
