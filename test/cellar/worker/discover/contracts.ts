import { task } from 'cellar';

export const first = task('tests.first', { params: {}, queue: 'mail' });
export const second = task('tests.second', { params: {}, queue: 'mail' });
