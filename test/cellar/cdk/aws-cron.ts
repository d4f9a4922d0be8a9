/** EventBridge Scheduler's cron as its user guide has it, read independently of what writes it. */

/** Values of one field; `undefined` = any. */
type Field = ReadonlySet<number> | undefined;

export interface AwsCron {
  readonly minutes: Field;
  readonly hours: Field;
  readonly daysOfMonth: Field;
  readonly months: Field;
  /** 1 = Sunday. */
  readonly daysOfWeek: Field;
}

const BOUNDS = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [1, 7],
  [1970, 2199],
] as const;

/**
 * Reads `cron(minutes hours day-of-month month day-of-week year)`.
 * @throws Error where AWS would refuse it
 */
export function parseAwsCron(expression: string): AwsCron {
  if (expression.length > 256) throw new Error(`longer than 256 characters: ${expression}`);
  const fields = /^cron\((.*)\)$/.exec(expression)?.[1]?.split(' ') ?? [];
  if (fields.length !== 6) throw new Error(`not six fields: ${expression}`);
  if ((fields[2] === '?') === (fields[4] === '?')) throw new Error(`exactly one day field must be ?: ${expression}`);
  const [minutes, hours, daysOfMonth, months, daysOfWeek] = fields.map((text, index) => fieldOf(text, BOUNDS[index]));
  return { minutes, hours, daysOfMonth, months, daysOfWeek };
}

function fieldOf(text: string, bounds: readonly [number, number] | undefined): Field {
  if (bounds === undefined) throw new Error('too many fields');
  if (text === '*' || text === '?') return undefined;
  const values = text.split(',').flatMap((part) => {
    if (!/^\d+(-\d+)?$/.test(part)) throw new Error(`'${part}' is neither a value nor a range`);
    const [from = Number.NaN, to = from] = part.split('-').map(Number);
    if (from < bounds[0] || to > bounds[1] || from > to) throw new Error(`'${part}' is out of bounds`);
    return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  });
  return new Set(values);
}

/** Whether it fires in the minute that begins at this local time, written as if it were UTC. */
export function firesAt(cron: AwsCron, wallMs: number): boolean {
  const date = new Date(wallMs);
  return (
    (cron.minutes?.has(date.getUTCMinutes()) ?? true) &&
    (cron.hours?.has(date.getUTCHours()) ?? true) &&
    (cron.daysOfMonth?.has(date.getUTCDate()) ?? true) &&
    (cron.months?.has(date.getUTCMonth() + 1) ?? true) &&
    (cron.daysOfWeek?.has(date.getUTCDay() + 1) ?? true)
  );
}
