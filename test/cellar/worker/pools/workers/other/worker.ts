import { worker } from '../../../../../../shared/cellar/index.ts';

export const other = worker({ queue: 'other' });
