import { topology } from '../../../../shared/cellar/index.ts';

/** Short, because what a dead process held is hidden for so long. */
export const VISIBILITY_SECONDS = 2;
export const MAX_DELIVERIES = 3;

export const kitchenTopology = topology({
  queues: { kitchen: { visibilityTimeoutSeconds: VISIBILITY_SECONDS, maxDeliveries: MAX_DELIVERIES } },
});
