import { setTimeout as pause } from 'node:timers/promises';

/** Asks again and again until the answer is not `undefined` or false; fails after the deadline with what was awaited. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false>,
  deadlineMs = 15_000,
): Promise<T> {
  const end = Date.now() + deadlineMs;
  while (Date.now() < end) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    await pause(25);
  }
  throw new Error(`waited ${deadlineMs} ms in vain for ${what}`);
}
