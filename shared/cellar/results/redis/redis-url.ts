/** Where a Redis is, read from a URL in the form that Celery takes too. */
import { CellarError, errorOfProblems } from '../../errors.ts';

export interface RedisLocation {
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
  /** Number of the database. */
  readonly db: number;
  /** Before every key; `''` or ending in one of `:_-.`. */
  readonly keyPrefix: string;
  /** Absent without TLS. */
  readonly tls?: { readonly isVerified: boolean; readonly caFile?: string };
}

/** Celery's words for `ssl_cert_reqs` (celery/backends/redis.py), and whether the server's certificate is verified. */
const CERT_REQS: ReadonlyMap<string, boolean> = new Map([
  ['required', true],
  ['CERT_REQUIRED', true],
  ['none', false],
  ['CERT_NONE', false],
]);
const OPTIONS = ['global_keyprefix', 'ssl_cert_reqs', 'ssl_ca_certs'];

/**
 * Reads `redis://[[user]:password@]host[:port][/db]`, or `rediss:` for TLS; `?global_keyprefix=` as Celery's transport option,
 * `?ssl_cert_reqs=` and `?ssl_ca_certs=` as in Celery's URLs.
 * @throws CellarError `bad-settings` with every fault; no message shows a password
 */
export function parseRedisUrl(text: string): RedisLocation {
  if (!URL.canParse(text)) throw new CellarError('bad-settings', `the result backend is no URL, ${ALLOWED}`);
  const url = new URL(text);
  const problems: string[] = [];
  const isSecure = url.protocol === 'rediss:';
  if (!isSecure && url.protocol !== 'redis:') problems.push(`its scheme is ${url.protocol}, ${ALLOWED}`);
  if (url.hostname === '') problems.push(`it names no host, ${ALLOWED}`);
  const db = /^\/?(\d*)$/.exec(url.pathname)?.[1];
  if (db === undefined) problems.push(`its path is '${url.pathname}', allowed: the number of a database such as /0`);
  for (const name of url.searchParams.keys()) {
    if (!OPTIONS.includes(name)) problems.push(`it has the option ${name}, allowed: ${OPTIONS.join(', ')}`);
  }
  const isVerified = CERT_REQS.get(url.searchParams.get('ssl_cert_reqs') ?? 'required');
  if (isVerified === undefined)
    problems.push(`its ssl_cert_reqs is unknown, allowed: ${[...CERT_REQS.keys()].join(', ')}`);
  if (problems.length > 0) throw errorOfProblems('bad-settings', 'the result backend', problems);
  const caFile = url.searchParams.get('ssl_ca_certs');
  const [username, password] = [url.username, url.password].map(decoded);
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? 6379 : Number(url.port),
    db: Number(db),
    keyPrefix: separated(url.searchParams.get('global_keyprefix') ?? ''),
    ...(username && { username }),
    ...(password && { password }),
    ...(isSecure && { tls: { isVerified: isVerified === true, ...(caFile !== null && { caFile }) } }),
  };
}

const ALLOWED = 'allowed: redis://[[user]:password@]host[:port][/db] or rediss:';

/** celery/backends/base.py, `_add_global_keyprefix`. */
function separated(prefix: string): string {
  return prefix === '' || /[:_\-.]$/.test(prefix) ? prefix : `${prefix}_`;
}

/** A text that is no percent-encoding stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
