/** API Gateway's HTTP API on this machine: turns requests into payload version 2.0 events for a function, and its answers back. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CellarError } from '../errors.ts';
import { describeError } from '../exception.ts';
import type { Logger } from '../log.ts';

/** An API Gateway v2 event (docs: Working with AWS Lambda proxy integrations for HTTP APIs, payload format 2.0). */
export interface HttpApiEvent {
  readonly version: '2.0';
  readonly routeKey: string;
  readonly rawPath: string;
  readonly rawQueryString: string;
  readonly headers: Record<string, string>;
  readonly cookies?: string[];
  readonly queryStringParameters?: Record<string, string>;
  readonly requestContext: {
    readonly accountId: string;
    readonly apiId: string;
    readonly authentication: null;
    readonly domainName: string;
    readonly domainPrefix: string;
    readonly http: {
      readonly method: string;
      readonly path: string;
      readonly protocol: string;
      readonly sourceIp: string;
      readonly userAgent: string;
    };
    readonly requestId: string;
    readonly routeKey: string;
    readonly stage: string;
    readonly time: string;
    readonly timeEpoch: number;
  };
  readonly body?: string;
  readonly isBase64Encoded: boolean;
}

/** What a function may answer. */
export interface HttpApiResult {
  readonly statusCode?: number;
  readonly headers?: Readonly<Record<string, string | number | boolean | readonly string[]>>;
  readonly cookies?: readonly string[];
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

export type HttpApiHandler = (event: HttpApiEvent) => Promise<HttpApiResult>;

export interface HttpApiOptions {
  readonly host: string;
  /** The port wanted; the next free one is taken when it is in use. 0 = any. */
  readonly port: number;
  readonly log: Logger;
  readonly now: () => number;
  readonly newId: () => string;
}

export interface RunningHttpApi {
  readonly port: number;
  /** Stops listening; requests under way are answered. */
  stop(): Promise<void>;
}

/** API Gateway's limit of a request's body: 10 MB. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;
const PORTS_TRIED = 50;

/**
 * Serves a function over HTTP.
 * @throws CellarError `bad-settings` when no port is free
 */
export async function startHttpApi(handler: HttpApiHandler, options: HttpApiOptions): Promise<RunningHttpApi> {
  const server = createServer((request, response) => {
    answer(handler, { request, response, options }).catch((error: unknown) => {
      options.log.error(`request failed: ${describeError(error)}`, { method: request.method, path: request.url });
      send(response, {
        statusCode: 500,
        headers: { 'content-type': 'application/json' },
        body: '{"message":"Internal Server Error"}',
      });
    });
  });
  const port = await listen(server, options);
  return {
    port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

async function listen(server: Server, { host, port, log }: HttpApiOptions): Promise<number> {
  const last = port === 0 ? 0 : Math.min(port + PORTS_TRIED, 65_535);
  for (let candidate = port; candidate <= last; candidate++) {
    const taken = await tryListen(server, host, candidate);
    if (!taken) {
      const address = server.address() as AddressInfo;
      if (candidate !== port) log.warn(`port ${port} is taken, using ${address.port}`);
      return address.port;
    }
  }
  throw new CellarError('bad-settings', `no free port from ${port} to ${last} on ${host}`);
}

/** True when the port is in use. */
function tryListen(server: Server, host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void => {
      server.off('listening', onListening);
      if (error.code === 'EADDRINUSE') resolve(true);
      else
        reject(new CellarError('bad-settings', `cannot listen on ${host}:${port}: ${error.message}`, { cause: error }));
    };
    const onListening = (): void => {
      server.off('error', onError);
      resolve(false);
    };
    server.once('error', onError);
    server.once('listening', onListening);
    server.listen(port, host);
  });
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly options: HttpApiOptions;
}

async function answer(handler: HttpApiHandler, { request, response, options }: Exchange): Promise<void> {
  const body = await readBody(request);
  if (body === undefined) {
    send(response, {
      statusCode: 413,
      headers: { 'content-type': 'application/json', connection: 'close' },
      body: '{"message":"Request Entity Too Large"}',
    });
    return;
  }
  send(response, await handler(toEvent(request, body, options)));
}

/** The body, or `undefined` when it is too large: it is read to its end and dropped, because a sender that is cut off sees no answer. */
function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer | undefined>();
  const chunks: Buffer[] = [];
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
    else chunks.length = 0;
  });
  request.on('end', () => resolve(size <= MAX_BODY_BYTES ? Buffer.concat(chunks) : undefined));
  request.on('error', reject);
  return promise;
}

/** By hand: a URL parser takes `//name` for a host and refuses some targets that HTTP allows. */
function splitTarget(target: string): { readonly path: string; readonly queryText: string } {
  const mark = target.indexOf('?');
  return mark < 0
    ? { path: target, queryText: '' }
    : { path: target.slice(0, mark), queryText: target.slice(mark + 1) };
}

const TEXT = /^(?:text\/|application\/(?:json|javascript|xml|x-www-form-urlencoded))/;

function toEvent(request: IncomingMessage, body: Buffer, { now, newId }: HttpApiOptions): HttpApiEvent {
  const { path, queryText } = splitTarget(request.url ?? '/');
  const parameters = new URLSearchParams(queryText);
  const { cookie, ...rest } = request.headers;
  const headers = Object.fromEntries(
    Object.entries(rest).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : (value ?? '')]),
  );
  const isText = body.length === 0 || TEXT.test(headers['content-type'] ?? 'text/plain');
  const timeEpoch = now();
  const query = Object.fromEntries(
    [...new Set(parameters.keys())].map((name) => [name, parameters.getAll(name).join(',')]),
  );
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: queryText,
    headers,
    ...(cookie === undefined ? undefined : { cookies: cookie.split('; ') }),
    ...(Object.keys(query).length === 0 ? undefined : { queryStringParameters: query }),
    requestContext: {
      accountId: '000000000000',
      apiId: 'local',
      authentication: null,
      domainName: headers.host ?? 'localhost',
      domainPrefix: 'local',
      http: {
        method: request.method ?? 'GET',
        path,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket.remoteAddress ?? '127.0.0.1',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: newId(),
      routeKey: '$default',
      stage: '$default',
      time: new Date(timeEpoch).toISOString(),
      timeEpoch,
    },
    ...(body.length === 0 ? undefined : { body: isText ? body.toString('utf8') : body.toString('base64') }),
    isBase64Encoded: !isText,
  };
}

function send(response: ServerResponse, result: HttpApiResult): void {
  if (response.headersSent) return void response.end();
  for (const [name, value] of Object.entries(result.headers ?? {})) response.setHeader(name, String(value));
  if (result.cookies !== undefined) response.setHeader('set-cookie', [...result.cookies]);
  response.statusCode = result.statusCode ?? 200;
  const body = result.body ?? '';
  response.end(result.isBase64Encoded === true ? Buffer.from(body, 'base64') : body);
}
