import { worker } from 'cellar';

export const other = worker({ queue: 'other' });
