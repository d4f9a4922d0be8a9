/** CloudFormation's side of a custom resource. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ResourceEvent } from '../../functions/custom-resource.ts';

/** Calls a custom resource as CloudFormation does, and answers what it was told. */
export async function toldBy<Properties>(
  handler: (event: ResourceEvent<Properties>) => Promise<void>,
  RequestType: ResourceEvent<Properties>['RequestType'],
  ResourceProperties: Properties,
): Promise<Readonly<Record<string, string>>> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const answered = new Promise<string>((resolve) => {
    server.on('request', async (request, response) => {
      resolve((await request.toArray()).map(String).join(''));
      response.end();
    });
  });
  const ids = { StackId: 'stack', RequestId: 'request', LogicalResourceId: 'Done' };
  const ResponseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  await handler({ ...ids, RequestType, ResponseURL, ResourceProperties });
  server.close();
  return JSON.parse(await answered);
}
