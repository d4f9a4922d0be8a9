import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../../../functions/local/deploy/emulator-process.ts';
import { systemRuntime as runtime } from '../../../shared/cellar/clock.ts';
import { openRedisResults } from '../../../shared/cellar/results/redis/open-redis-results.ts';
import { result as update } from '../../conformance/deliveries.ts';
import { hasRedis, startRedis, type TestRedis } from '../../support/redis.ts';
import { requires } from '../../support/requires.ts';
import { temporaryFolder } from '../../support/running-shop.ts';

(hasRedis() && requires('openssl') ? describe : describe.skip)('a Redis behind TLS', () => {
  const folder = temporaryFolder();
  const [key, certificate] = [join(folder.path, 'key.pem'), join(folder.path, 'certificate.pem')];
  let redis: TestRedis;
  let port = 0;
  /** Which tries to connect a hundred times as often as others do. */
  const hurried = { ...runtime, random: () => -0.49 };
  const open = (query: string) =>
    openRedisResults({ url: `rediss://127.0.0.1:${port}${query}`, runtime: hurried, resultExpiresSeconds: 600 });

  beforeAll(async () => {
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '1'];
    const made = spawnSync(
      'openssl',
      ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', certificate, ...subject],
      { encoding: 'utf8' },
    );
    if (made.status !== 0) throw new Error(made.stderr);
    port = await freePort();
    const files = ['--tls-cert-file', certificate, '--tls-key-file', key, '--tls-ca-cert-file', certificate];
    const server = ['--tls-port', String(port), '--tls-auth-clients', 'no', ...files];
    redis = await startRedis({ private: true, arguments: server });
  });
  afterAll(async () => {
    await redis?.stop();
    folder.remove();
  });

  it.each([
    ['by its certificate', () => `?ssl_ca_certs=${encodeURIComponent(certificate)}`],
    ['by nothing, where the URL says so', () => '?ssl_cert_reqs=none'],
  ])('is trusted %s', async (_, query) => {
    const { results } = await open(query());
    await results.store([update('a', 'SUCCESS')]);
    expect(await results.wait('a', { timeoutMs: 20_000 })).toMatchObject({ state: 'SUCCESS' });
    await results.close();
  });

  it('is not trusted by a certificate that nobody vouches for, nor with a file that is not there', async () => {
    await expect(open('')).rejects.toMatchObject({
      code: 'store-unavailable',
      message: expect.stringContaining('self-signed certificate'),
    });
    await expect(open('?ssl_ca_certs=/nowhere.pem')).rejects.toMatchObject({
      code: 'bad-settings',
      message: expect.stringContaining('ENOENT'),
    });
  });
});
