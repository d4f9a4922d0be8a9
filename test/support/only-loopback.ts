/**
 * Runs before every test file: dummy credentials, and no connection to anything but this machine. A test that tries
 * fails, also where the code under test swallowed the refusal.
 */
import net from 'node:net';
import process from 'node:process';
import { afterEach, expect } from '@jest/globals';

Object.assign(process.env, {
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
});
for (const name of ['AWS_PROFILE', 'AWS_SESSION_TOKEN', 'AWS_ENDPOINT_URL']) delete process.env[name];

const LOOPBACK = /^(127(\.\d{1,3}){3}|::1|(.+\.)?localhost)$/;

let refused: string[] = [];

/** Node's modules outlive a test file in its worker: what was patched is patched again, on the original. */
const ORIGINAL = Symbol.for('cellar.test.connect');
type Connect = (this: net.Socket, ...parameters: unknown[]) => net.Socket;
const prototype = net.Socket.prototype as unknown as { connect: Connect; [ORIGINAL]?: Connect };
const connect = prototype[ORIGINAL] ?? prototype.connect;
prototype[ORIGINAL] = connect;
prototype.connect = function (...parameters) {
  const host = hostOf(parameters);
  if (host === undefined || LOOPBACK.test(host)) return connect.apply(this, parameters);
  const sentence = `a test tried to connect to '${host}', allowed: this machine (127.0.0.1)`;
  refused.push(sentence);
  process.nextTick(() => this.destroy(new Error(sentence))); // as late as a refusal by the network would come
  return this;
};

/** Where `connect(...)` would go: its options, its port and host, or a path (a Unix socket has no host). */
function hostOf([first, second]: readonly unknown[]): string | undefined {
  const options: unknown = Array.isArray(first) ? first[0] : first; // node:net passes on normalized parameters
  if (typeof options === 'object' && options !== null) {
    const { path, host } = options as net.TcpNetConnectOpts & { readonly path?: string };
    return typeof path === 'string' ? undefined : host;
  }
  return typeof second === 'string' && typeof options !== 'string' ? second : undefined;
}

/** The connections that were refused since the last test; forgets them. */
export function takeRefusedConnections(): readonly string[] {
  const taken = refused;
  refused = [];
  return taken;
}

afterEach(() => {
  expect(takeRefusedConnections()).toEqual([]);
});
