/** Stands between functions and an emulator, and keeps the requests that a test wants to see: what AWS would get. */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly body: Buffer;
}

export interface RecordingProxy {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** Where requests go from now on; before, they are answered with 503. */
  forwardTo(endpoint: string): void;
  /** Requests that were to be kept, and that the emulator took. */
  recorded(): readonly RecordedRequest[];
  stop(): Promise<void>;
}

/** @param keeps which requests are kept, by their path */
export async function startRecordingProxy(keeps: (path: string) => boolean): Promise<RecordingProxy> {
  const recorded: RecordedRequest[] = [];
  let target: URL | undefined;
  const server = createServer((incoming, outgoing) => {
    if (target === undefined) return void outgoing.writeHead(503).end();
    const { method = 'GET', url: path = '/' } = incoming;
    if (!keeps(path)) return pass(incoming, outgoing, target);
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    pass(incoming, outgoing, target, () => recorded.push({ method, path, body: Buffer.concat(chunks) }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    forwardTo(endpoint) {
      target = new URL(endpoint);
    },
    recorded: () => recorded,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function pass(incoming: IncomingMessage, outgoing: ServerResponse, target: URL, onTaken?: () => void): void {
  const { method, url: path, headers } = incoming;
  const onward = request({ host: target.hostname, port: target.port, method, path, headers }, (answer) => {
    const { statusCode = 502 } = answer;
    if (statusCode < 300) onTaken?.();
    outgoing.writeHead(statusCode, answer.headers);
    answer.pipe(outgoing);
  });
  onward.on('error', () => outgoing.destroy()); // as the emulator's own end would look
  incoming.pipe(onward);
}
