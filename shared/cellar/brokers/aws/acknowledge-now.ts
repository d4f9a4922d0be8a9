import type { Backend } from '../../backend.ts';
import { CellarError } from '../../errors.ts';
import type { AwsBroker } from './aws-broker.ts';

/** Deletes messages that otherwise leave their queue when their function returns. */
export function acknowledgeNow(broker: AwsBroker): NonNullable<Backend['acknowledgeNow']> {
  return async (deliveries) => {
    const deletes = deliveries.map(({ queue, receipt }) =>
      broker.batches.deletes(broker.awsName(queue)).add({ ReceiptHandle: receipt }, { bytes: 0 }),
    );
    const fault = (await Promise.all(deletes)).find((answer) => answer !== undefined);
    if (fault !== undefined) throw new CellarError('broker-unavailable', `${fault.awsCode}: ${fault.message}`);
  };
}
