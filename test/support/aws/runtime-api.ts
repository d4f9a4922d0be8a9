/**
 * Lambda's Runtime API, as small as a test needs it: hands one event after the other to a runtime client and takes its
 * answers (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html, version 2018-06-01).
 */

import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a function did with an event. */
export type InvocationOutcome =
  | { readonly kind: 'answered'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly errorType: string; readonly errorMessage: string }
  | { readonly kind: 'timed-out' };

export interface RuntimeApi {
  /** `127.0.0.1:<port>`, as AWS_LAMBDA_RUNTIME_API. */
  readonly address: string;
  /** Hands an event to the function; it has so long, then Lambda would end its process. */
  invoke(event: unknown, timeoutMs: number): Promise<InvocationOutcome>;
  /** How the function failed to load, if it did. */
  initFault(): { readonly errorType: string; readonly errorMessage: string } | undefined;
  stop(): Promise<void>;
}

interface Invocation {
  readonly id: string;
  readonly event: unknown;
  readonly deadlineMs: number;
  end(outcome: InvocationOutcome): void;
}

const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:000000000000:function:test';
const ANSWER = /^\/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/;

export async function startRuntimeApi(): Promise<RuntimeApi> {
  const waiting: Invocation[] = [];
  const running = new Map<string, Invocation>();
  let idle: ServerResponse | undefined;
  let fault: { readonly errorType: string; readonly errorMessage: string } | undefined;

  /** The client asks for the next event and waits until there is one. */
  function handOut(): void {
    const invocation = idle === undefined ? undefined : waiting.shift();
    if (idle === undefined || invocation === undefined) return;
    running.set(invocation.id, invocation);
    idle.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': invocation.id,
      'lambda-runtime-deadline-ms': String(invocation.deadlineMs),
      'lambda-runtime-invoked-function-arn': FUNCTION_ARN,
    });
    idle.end(JSON.stringify(invocation.event));
    idle = undefined;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    if (path === '/2018-06-01/runtime/invocation/next') {
      idle = response;
      handOut();
      return;
    }
    const body = await textOf(request);
    const [, id = '', kind] = ANSWER.exec(path) ?? [];
    if (path === '/2018-06-01/runtime/init/error') fault = faultOf(body);
    else running.get(id)?.end(kind === 'error' ? { kind: 'failed', ...faultOf(body) } : answered(body));
    running.delete(id);
    response.writeHead(202, { 'content-type': 'application/json' }).end('{"status":"OK"}');
  }

  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    initFault: () => fault,
    invoke(event, timeoutMs) {
      const { promise, resolve } = Promise.withResolvers<InvocationOutcome>();
      const late = setTimeout(() => resolve({ kind: 'timed-out' }), timeoutMs);
      const end = (outcome: InvocationOutcome) => {
        clearTimeout(late);
        resolve(outcome);
      };
      waiting.push({ id: randomUUID(), event, deadlineMs: Date.now() + timeoutMs, end });
      handOut();
      return promise;
    },
    async stop() {
      for (const { end } of [...waiting, ...running.values()]) end({ kind: 'timed-out' });
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answered(body: string): InvocationOutcome {
  return { kind: 'answered', value: body === '' ? undefined : JSON.parse(body) };
}

function faultOf(body: string): { readonly errorType: string; readonly errorMessage: string } {
  const { errorType, errorMessage }: Readonly<Record<string, unknown>> = JSON.parse(body);
  return { errorType: String(errorType), errorMessage: String(errorMessage) };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
