import { later } from './later.ts';

/** In a process it is there. */
export const loadLater = (): typeof later => later;
