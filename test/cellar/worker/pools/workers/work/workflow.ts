import { chord } from '../../../../../../shared/cellar/index.ts';
import { double, sum, workflow } from '../../tasks.ts';
import { work } from './worker.ts';

export default work.handle(workflow, ({ send }) =>
  send(chord([double({ value: 2 }), double({ value: 3 })], sum.partial({}))),
);
