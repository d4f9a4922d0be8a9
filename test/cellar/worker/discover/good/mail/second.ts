import { second } from '../../contracts.ts';
import { mail } from './worker.ts';

export default mail.handle(second, () => 'second');
