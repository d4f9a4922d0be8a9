import { createServer, request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type HttpApiEvent, type HttpApiHandler, type RunningHttpApi, startHttpApi } from 'cellar/local';
import { collectingLog } from '../worker/rig.ts';

const HOST = '127.0.0.1';
const { log, logged } = collectingLog();
const running: RunningHttpApi[] = [];

async function start(handler: HttpApiHandler, port = 0): Promise<RunningHttpApi> {
  const api = await startHttpApi(handler, {
    host: HOST,
    port,
    log,
    now: () => 1_790_000_000_000,
    newId: () => 'an-id',
  });
  running.push(api);
  return api;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((api) => api.stop()));
});

/** The event that a request made. */
async function eventOf(path: string, init: RequestInit = {}): Promise<HttpApiEvent> {
  const events: HttpApiEvent[] = [];
  const { port } = await start(async (event) => {
    events.push(event);
    return {};
  });
  await fetch(`http://${HOST}:${port}${path}`, init);
  const [event] = events;
  if (event === undefined) throw new Error('no event came');
  return event;
}

describe('the event', () => {
  it('has the path, the query as it was written and as parameters, several values joined', async () => {
    const event = await eventOf('/wines/42?colour=red&colour=white&name=a%20b&empty=');
    expect(event).toMatchObject({
      version: '2.0',
      rawPath: '/wines/42',
      rawQueryString: 'colour=red&colour=white&name=a%20b&empty=',
      queryStringParameters: { colour: 'red,white', name: 'a b', empty: '' },
      isBase64Encoded: false,
      requestContext: { http: { method: 'GET', path: '/wines/42' }, requestId: 'an-id', timeEpoch: 1_790_000_000_000 },
    });
    expect(event.body).toBeUndefined();
  });

  it('has cookies as a list, apart from the other headers', async () => {
    const event = await eventOf('/', { headers: { cookie: 'a=1; b=2', 'X-Thing': 'Yes' } });
    expect(event.cookies).toEqual(['a=1', 'b=2']);
    expect(event.headers).toMatchObject({ 'x-thing': 'Yes' });
    expect(event.headers).not.toHaveProperty('cookie');
    expect(await eventOf('/')).not.toHaveProperty('cookies');
  });

  it('has text as it is and bytes in base64', async () => {
    const json = await eventOf('/', {
      method: 'POST',
      body: '{"ä":1}',
      headers: { 'content-type': 'application/json' },
    });
    expect([json.body, json.isBase64Encoded]).toEqual(['{"ä":1}', false]);
    const bytes = new Uint8Array([0, 255, 1]);
    const binary = await eventOf('/', { method: 'POST', body: bytes, headers: { 'content-type': 'image/png' } });
    expect([binary.body, binary.isBase64Encoded]).toEqual([Buffer.from(bytes).toString('base64'), true]);
  });

  it('takes a path that begins with two slashes for a path', async () => {
    expect((await eventOf('//elsewhere/x?y=1')).rawPath).toBe('//elsewhere/x');
  });
});

describe('the answer', () => {
  it('has status, headers, cookies each of its own, and a text body', async () => {
    const { port } = await start(async () => ({
      statusCode: 201,
      headers: { 'x-number': 5, 'content-type': 'text/plain' },
      cookies: ['a=1; Path=/', 'b=2'],
      body: 'grüß',
    }));
    const response = await fetch(`http://${HOST}:${port}/`);
    expect(response.status).toBe(201);
    expect(response.headers.get('x-number')).toBe('5');
    expect(response.headers.getSetCookie()).toEqual(['a=1; Path=/', 'b=2']);
    expect(await response.text()).toBe('grüß');
  });

  it('has the bytes of a base64 body', async () => {
    const bytes = Buffer.from([0, 255, 254]);
    const { port } = await start(async () => ({ body: bytes.toString('base64'), isBase64Encoded: true }));
    const response = await fetch(`http://${HOST}:${port}/`);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(bytes);
  });

  it('is 500 when the function throws, which is logged, and the next request is served', async () => {
    let calls = 0;
    const { port } = await start(async () => {
      if (++calls === 1) throw new Error('broken');
      return { body: 'fine' };
    });
    expect((await fetch(`http://${HOST}:${port}/`)).status).toBe(500);
    expect(logged.at(-1)).toContain('broken');
    expect(await (await fetch(`http://${HOST}:${port}/`)).text()).toBe('fine');
  });

  it('is 413 for a body above 10 MB, which the function never sees', async () => {
    let calls = 0;
    const { port } = await start(async () => {
      calls++;
      return {};
    });
    const url = `http://${HOST}:${port}/`;
    const exact = 10 * 1024 * 1024;
    expect((await fetch(url, { method: 'POST', body: new Uint8Array(exact + 1) })).status).toBe(413);
    expect(calls).toBe(0);
    expect((await fetch(url, { method: 'POST', body: new Uint8Array(exact) })).status).toBe(200);
    expect(calls).toBe(1);
  });

  it('is not waited for when the caller went away', async () => {
    const { port } = await start(async () => ({ body: 'fine' }));
    const socket = connect(port, HOST);
    await new Promise((resolve) => socket.on('connect', resolve));
    socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nabc');
    await new Promise((resolve) => setImmediate(resolve));
    socket.destroy();
    expect(await (await fetch(`http://${HOST}:${port}/`)).text()).toBe('fine');
  });
});

describe('the server', () => {
  it('takes the next free port when the one wanted is in use, and says so', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, HOST, resolve));
    const address = other.address();
    const taken = typeof address === 'object' && address !== null ? address.port : 0;
    const api = await start(async () => ({ body: 'here' }), taken);
    expect(api.port).toBeGreaterThan(taken);
    expect(logged.at(-1)).toBe(`warn port ${taken} is taken, using ${api.port}`);
    expect(await (await fetch(`http://${HOST}:${api.port}/`)).text()).toBe('here');
    await new Promise((resolve) => other.close(resolve));
  });

  it('says what is wrong with an address that it cannot listen on', async () => {
    await expect(
      startHttpApi(async () => ({}), { host: '192.0.2.1', port: 0, log, now: () => 0, newId: () => '' }),
    ).rejects.toMatchObject({ code: 'bad-settings', message: expect.stringContaining('192.0.2.1') });
  });

  it('answers what is under way when it stops, and does not wait for idle connections', async () => {
    let finish = (): void => undefined;
    const arrived = Promise.withResolvers<void>();
    const api = await startHttpApi(
      async () => {
        arrived.resolve();
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        return { body: 'late' };
      },
      { host: HOST, port: 0, log, now: () => 0, newId: () => '' },
    );
    const answer = new Promise<string>((resolve, reject) => {
      const call = request(
        { host: HOST, port: api.port, agent: false, headers: { connection: 'keep-alive' } },
        (response) => {
          response.setEncoding('utf8');
          let text = '';
          response.on('data', (chunk) => {
            text += chunk;
          });
          response.on('end', () => resolve(text));
        },
      );
      call.on('error', reject);
      call.end();
    });
    await arrived.promise;
    const stopped = api.stop();
    finish();
    expect(await answer).toBe('late');
    const begun = performance.now();
    await stopped;
    expect(performance.now() - begun).toBeLessThan(2000);
  });
});
