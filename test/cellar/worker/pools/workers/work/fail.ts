import { TaskException } from '../../../../../../shared/cellar/index.ts';
import { fail } from '../../tasks.ts';
import { work } from './worker.ts';

const THROWN: Readonly<Record<string, () => unknown>> = {
  range: () => new RangeError('the soup is burnt'),
  python: () => new TaskException('KeyError', ['wine', 42], 'builtins'),
  text: () => 'only a text',
};

export default work.handle(fail, (_context, { what }) => {
  throw THROWN[what]?.();
});
