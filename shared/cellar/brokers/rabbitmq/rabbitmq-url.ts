import { CellarError } from '../../errors.ts';

/** Where a RabbitMQ is, and as whom to come. */
export interface RabbitmqAddress {
  readonly isTls: boolean;
  /** The nodes of a cluster, in the order in which they are tried. */
  readonly hosts: readonly { readonly name: string; readonly port: number }[];
  readonly user: string;
  readonly password: string;
  readonly vhost: string;
  /** How often each side says that it is there, in seconds; 0 = never. */
  readonly heartbeatSeconds: number;
  readonly connectTimeoutMs: number;
  readonly tls: TlsOptions;
}

/** What RabbitMQ's URIs say of TLS; files are PEM. */
export interface TlsOptions {
  readonly caFile?: string;
  readonly certificateFile?: string;
  readonly keyFile?: string;
  /** Whether the server's certificate must be good. */
  readonly isVerified: boolean;
  readonly serverName?: string;
}

const FORM = /^(amqps?):\/\/(?:([^@/?]*)@)?([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/i;
const HOST = /^(\[[0-9a-f:.]+\]|[^:[\]]+)(?::(\d{1,5}))?$/i;
const ALLOWED = 'amqp[s]://[user[:password]@]host[:port][,host[:port]…][/virtual-host][?heartbeat=…]';
/** Both sides notice within three of these that the other is gone. */
const HEARTBEAT_SECONDS = 20;
const CONNECT_TIMEOUT_MS = 5_000;
/** The names of RabbitMQ's own URI parameters (rabbitmq.com/docs/uri-query-parameters). */
const PARAMETERS: readonly string[] = [
  'heartbeat',
  'connection_timeout',
  'cacertfile',
  'certfile',
  'keyfile',
  'verify',
  'server_name_indication',
];

/**
 * Reads a broker URL such as `amqps://user:password@rabbit-1,rabbit-2:5671/shop?heartbeat=10`; as in Celery, no path and
 * `//` are the virtual host `/`.
 * @throws CellarError `bad-settings`, with no part of the URL that may be a password
 */
export function parseRabbitmqUrl(url: string): RabbitmqAddress {
  const [, scheme = '', login = '', authority = '', path = '', query = ''] = FORM.exec(url) ?? [];
  if (scheme === '') throw refused('the broker URL is none of RabbitMQ');
  const isTls = scheme.toLowerCase() === 'amqps';
  const hosts = authority.split(',').map((text) => hostOf(text, isTls ? 5671 : 5672));
  const colon = login.indexOf(':');
  const parameters = new URLSearchParams(query);
  return {
    isTls,
    hosts,
    user: login === '' ? 'guest' : decoded(colon < 0 ? login : login.slice(0, colon)),
    password: login === '' ? 'guest' : decoded(colon < 0 ? '' : login.slice(colon + 1)),
    vhost: path === '' ? '/' : decoded(path),
    ...parametersOf(parameters),
  };
}

/** The nodes as a person may read them, without user and password. */
export function shownHosts({ hosts }: Pick<RabbitmqAddress, 'hosts'>): string {
  return hosts.map(({ name, port }) => `${name}:${port}`).join(', ');
}

function hostOf(text: string, defaultPort: number): { readonly name: string; readonly port: number } {
  const [, name, port = defaultPort] = HOST.exec(text) ?? [];
  if (name === undefined || Number(port) > 65_535) throw refused(`the broker URL has the host '${text}'`);
  return { name: name.replace(/^\[|\]$/g, ''), port: Number(port) };
}

function parametersOf(
  parameters: URLSearchParams,
): Pick<RabbitmqAddress, 'heartbeatSeconds' | 'connectTimeoutMs' | 'tls'> {
  const unknown = [...parameters.keys()].find((name) => !PARAMETERS.includes(name));
  if (unknown !== undefined) {
    throw new CellarError(
      'bad-settings',
      `the broker URL has the parameter '${unknown}', allowed: ${PARAMETERS.join(', ')}`,
    );
  }
  const text = (name: string): string | undefined => parameters.get(name) ?? undefined;
  const [caFile, certificateFile, keyFile, serverName] = [
    text('cacertfile'),
    text('certfile'),
    text('keyfile'),
    text('server_name_indication'),
  ];
  return {
    heartbeatSeconds: wholeNumber(parameters, 'heartbeat', HEARTBEAT_SECONDS),
    connectTimeoutMs: wholeNumber(parameters, 'connection_timeout', CONNECT_TIMEOUT_MS),
    tls: {
      isVerified: isVerified(text('verify') ?? 'verify_peer'),
      ...(caFile === undefined ? undefined : { caFile }),
      ...(certificateFile === undefined ? undefined : { certificateFile }),
      ...(keyFile === undefined ? undefined : { keyFile }),
      ...(serverName === undefined ? undefined : { serverName }),
    },
  };
}

function isVerified(verify: string): boolean {
  if (verify === 'verify_peer' || verify === 'verify_none') return verify === 'verify_peer';
  throw new CellarError('bad-settings', `the broker URL has verify=${verify}, allowed: verify_peer, verify_none`);
}

function wholeNumber(parameters: URLSearchParams, name: string, byDefault: number): number {
  const text = parameters.get(name);
  if (text === null) return byDefault;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new CellarError('bad-settings', `the broker URL has ${name}=${text}, allowed: a whole number`);
}

/** Percent signs as in every URL; a text that is not encoded stays as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function refused(what: string): CellarError {
  return new CellarError('bad-settings', `${what}, allowed: ${ALLOWED}`);
}
