import { worker } from 'cellar';

export const double = worker({ queue: 'double' });
