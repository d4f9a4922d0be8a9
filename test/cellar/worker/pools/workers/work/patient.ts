import { patient } from '../../tasks.ts';
import { work } from './worker.ts';

export default work.handle(
  patient,
  ({ signal }) =>
    new Promise((resolve) =>
      signal.addEventListener('abort', () => resolve(`${signal.reason.name}: ${signal.reason.message}`)),
    ),
);
