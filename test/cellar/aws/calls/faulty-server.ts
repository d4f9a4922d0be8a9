/** A server in AWS's place that answers what the test says, and keeps what it was asked. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';

export type FaultyAnswer =
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string | ((request: AskedRequest) => string);
    }
  /** Keeps the connection and says nothing. */
  | 'never'
  /** Says how much will come, and sends less. */
  | 'half'
  /** Breaks the connection. */
  | 'break';

export interface AskedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface FaultyServer {
  readonly endpoint: string;
  readonly asked: readonly AskedRequest[];
  /** From now on: these, one a request, and the last one for all that come after. */
  answers(...answers: readonly FaultyAnswer[]): void;
  stop(): Promise<void>;
}

function give(answer: FaultyAnswer, request: AskedRequest, response: ServerResponse): void {
  if (answer === 'never') return;
  if (answer === 'break') return void response.destroy();
  if (answer === 'half') {
    response.writeHead(200, { 'content-length': '1000' });
    return void response.write('{"Mess', () => response.destroy());
  }
  const { status, headers = {}, body = '{}' } = answer;
  response.writeHead(status, headers);
  response.end(typeof body === 'string' ? body : body(request));
}

export async function startFaultyServer(): Promise<FaultyServer> {
  let planned: readonly FaultyAnswer[] = [];
  let asked: AskedRequest[] = [];
  const server = createServer((message, response) => {
    const chunks: Buffer[] = [];
    message.on('data', (chunk: Buffer) => chunks.push(chunk));
    message.on('end', () => {
      const { method = '', url = '', headers } = message;
      const request = { method, url, headers, body: Buffer.concat(chunks).toString() };
      asked.push(request);
      give(planned[Math.min(asked.length, planned.length) - 1] ?? 'break', request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    get asked() {
      return asked;
    },
    answers(...answers) {
      planned = answers;
      asked = [];
    },
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
