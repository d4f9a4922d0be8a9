/** Contracts of an application some of whose messages kill their process. */
import * as z from 'zod/mini';
import { task } from '../../../../shared/cellar/index.ts';

export const eat = task('kitchen.eat', { params: { name: z.string() }, queue: 'kitchen' });
