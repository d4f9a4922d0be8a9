import type { restCalls } from './rest-calls.ts';

/** Loaded at the first call that needs them. */
export const loadRestCalls = async (): Promise<typeof restCalls> => (await import('../../lambda/rest.ts')).restCalls;
