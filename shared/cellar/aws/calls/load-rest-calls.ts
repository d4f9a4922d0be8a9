import { restCalls } from './rest-calls.ts';

/** In a process they are there. */
export const loadRestCalls = (): typeof restCalls => restCalls;
