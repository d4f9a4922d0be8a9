import type { later } from '../worker/later.ts';

/** Loaded when it is first asked for. */
export const loadLater = async (): Promise<typeof later> => (await import('./rest.ts')).later;
