import http from 'node:http';
import net from 'node:net';
import process from 'node:process';
import tls from 'node:tls';
import { describe, expect, it } from '@jest/globals';
import { takeRefusedConnections } from './only-loopback.ts';

/** An address for documentation (RFC 5737): nobody has it. */
const STRANGER = '192.0.2.1';
const REFUSED = `a test tried to connect to '${STRANGER}', allowed: this machine (127.0.0.1)`;

function failureOf(socket: net.Socket): Promise<Error> {
  return new Promise((resolve) => socket.once('error', resolve));
}

describe('connections of tests', () => {
  it.each([
    ['net, port and host', () => net.connect(443, STRANGER)],
    ['net, options', () => net.connect({ port: 443, host: STRANGER })],
    ['a socket of its own', () => new net.Socket().connect(443, STRANGER)],
    ['tls', () => tls.connect({ port: 443, host: STRANGER })],
  ])('do not leave this machine: %s', async (_, connect) => {
    expect((await failureOf(connect())).message).toBe(REFUSED);
    expect(takeRefusedConnections()).toEqual([REFUSED]);
  });

  it('do not leave this machine by fetch, also when the failure is swallowed', async () => {
    await fetch(`https://${STRANGER}/`).catch(() => undefined);
    expect(takeRefusedConnections()).toEqual([REFUSED]);
  });

  it('do not leave this machine by a name', async () => {
    await expect(fetch('https://sqs.eu-central-1.amazonaws.com/')).rejects.toThrow('fetch failed');
    expect(takeRefusedConnections()).toEqual([REFUSED.replace(STRANGER, 'sqs.eu-central-1.amazonaws.com')]);
  });

  it('reach servers of this machine', async () => {
    const server = http.createServer((_, response) => response.end('here')).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as net.AddressInfo;
    const answers = ['127.0.0.1', 'localhost'].map(async (host) => (await fetch(`http://${host}:${port}/`)).text());
    expect(await Promise.all(answers)).toEqual(['here', 'here']);
    server.close();
  });

  it('have credentials that open nothing', () => {
    expect(process.env).toMatchObject({ AWS_ACCESS_KEY_ID: 'test', AWS_EC2_METADATA_DISABLED: 'true' });
    expect(process.env.AWS_PROFILE).toBeUndefined();
  });
});
