/** Where the library says what happened; fields are JSON values and hold no arguments and no secrets. */
import type { Clock } from './clock.ts';

export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export type LogFields = Readonly<Record<string, unknown>>;
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

const RANK: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

export interface LineLoggerOptions {
  /** Less than this is not written. */
  readonly level: LogLevel;
  readonly clock: Clock;
  /** Takes one line, its end included. */
  readonly write: (line: string) => void;
}

/** A log of one line an event: time, level, message, then `key=value`. */
export function lineLogger({ level, clock, write }: LineLoggerOptions): Logger {
  const at =
    (own: LogLevel) =>
    (message: string, fields: LogFields = {}): void => {
      if (RANK[own] < RANK[level]) return;
      const pairs = Object.entries(fields).filter(([, value]) => value !== undefined);
      const tail = pairs.map(([key, value]) => ` ${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
      const text = `${message}${tail.join('')}`.replaceAll(/[\r\n]+/g, ' ');
      write(`${new Date(clock.now()).toISOString()} ${own} ${text}\n`);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
