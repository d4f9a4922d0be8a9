import { client, echo } from '../../tasks.ts';
import { work } from './worker.ts';

export default work.handle(client, async ({ cellar, signal }, { known }) => {
  const [result, nothing] = await cellar.results.get([known, 'unknown']);
  const waited = await cellar.results.wait(known, { timeoutMs: 5_000, signal });
  const { id } = await cellar.send(echo({ value: 4 }), { queue: 'other' });
  await cellar.revoke('some task');
  return {
    id,
    result: result?.result,
    nothing: nothing === undefined,
    waited: waited?.state,
    revoked: [...(await cellar.results.revoked(['some task', known]))],
    queues: (await cellar.admin.counts()).map(({ queue }) => queue).sort(),
  };
});
