import { lambdaWorker } from '../../../../shared/cellar/lambda/index.ts';
import { kitchenTopology } from './topology.ts';
import eat from './workers/kitchen/eat.ts';

export const handler = lambdaWorker({ topology: kitchenTopology, handlers: [eat] });
