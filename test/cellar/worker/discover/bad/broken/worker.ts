import { worker } from 'cellar';

export const broken = worker({ queue: 'broken' });
