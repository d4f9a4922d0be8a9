/** Answers over HTTP whether a worker lives and is ready, for whoever starts and watches processes. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CellarError } from '../../errors.ts';
import { describeError } from '../../exception.ts';

export interface Readiness {
  readonly ready: boolean;
  /** More about it, as JSON. */
  readonly [detail: string]: unknown;
}

export interface HealthServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * `GET /health/live` is 200 as long as the event loop turns; `GET /health/ready` is 200 or 503 with what `readiness` says.
 * @throws CellarError `bad-arguments` when it cannot listen there
 */
export async function startHealthServer(
  { host, port }: { readonly host: string; readonly port: number },
  readiness: () => Promise<Readiness>,
): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const path = request.url?.split('?', 1)[0];
    if (request.method !== 'GET' && request.method !== 'HEAD')
      refuse(response, 405, {
        code: 'method-not-allowed',
        message: `the method is ${request.method}, allowed: GET, HEAD`,
      });
    else if (path === '/health/live') answer(response, 200, { live: true });
    else if (path === '/health/ready') void answerReadiness(response, readiness);
    else refuse(response, 404, { code: 'not-found', message: 'nothing is here, allowed: /health/live, /health/ready' });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      reject(
        new CellarError('bad-arguments', `cannot listen on ${host}:${port}: ${describeError(error)}`, { cause: error }),
      );
    });
    server.listen(port, host, resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answerReadiness(response: ServerResponse, readiness: () => Promise<Readiness>): Promise<void> {
  try {
    const said = await readiness();
    answer(response, said.ready ? 200 : 503, said);
  } catch (error) {
    answer(response, 503, { ready: false, error: describeError(error) });
  }
}

/** As every endpoint here refuses. */
function refuse(
  response: ServerResponse,
  status: number,
  error: { readonly code: string; readonly message: string },
): void {
  answer(response, status, { error });
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(`${JSON.stringify(body)}\n`);
}
