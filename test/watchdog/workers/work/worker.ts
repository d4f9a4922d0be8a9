import { worker } from 'cellar';

export const work = worker({ queue: 'work', concurrency: 8 });
