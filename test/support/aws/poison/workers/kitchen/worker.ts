import { worker } from '../../../../../../shared/cellar/index.ts';

export const kitchen = worker({ queue: 'kitchen', concurrency: 3 });
