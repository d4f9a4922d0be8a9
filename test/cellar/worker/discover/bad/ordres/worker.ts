import { worker } from 'cellar';

export const ordres = worker({ queue: 'ordres' });
