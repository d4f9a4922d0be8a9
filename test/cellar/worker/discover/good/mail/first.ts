import { first } from '../../contracts.ts';
import { mail } from './worker.ts';

export default mail.handle(first, () => 'first');
