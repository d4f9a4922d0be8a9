import { worker } from 'cellar';

export const mail = worker({ queue: 'mail' });
