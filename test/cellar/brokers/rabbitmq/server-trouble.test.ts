import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Backend } from '../../../../shared/cellar/backend.ts';
import { topology } from '../../../../shared/cellar/topology.ts';
import { type PrivateRabbitmq, startPrivateRabbitmq } from '../../../support/rabbitmq.ts';
import { requires } from '../../../support/requires.ts';
import { until } from '../../../support/running-shop.ts';
import { openOnUrl } from './open-on-url.ts';
import { message, PATIENCE_MS, takeTexts } from './rabbitmq-rig.ts';

const describeHere = requires('rabbitmq-server') && requires('openssl') ? describe : describe.skip;

describeHere('a RabbitMQ that is blocked, ended and reached by TLS', () => {
  let rabbit: PrivateRabbitmq;
  let folder: string;
  const opened: Backend[] = [];
  const lines: string[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cellar-tls-'));
    const [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    const files = ['-keyout', key, '-out', certificate];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...subject, ...files], {
      stdio: 'ignore',
    });
    rabbit = await startPrivateRabbitmq({ tls: { certificate, key } });
  }, 120_000);
  afterEach(async () => {
    await Promise.all(opened.splice(0).map(({ broker }) => broker.close()));
    lines.length = 0;
  });
  afterAll(async () => {
    await rabbit?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function openWith(queue: string, url = rabbit.url): Promise<Backend> {
    const backend = await openOnUrl(url, lines);
    opened.push(backend);
    await backend.broker.declare(topology({ queues: { [queue]: {} } }));
    return backend;
  }

  it('while it takes no messages that is said, what came is settled, and what waits is sent afterwards', async () => {
    const backend = await openWith('blocked');
    await backend.broker.publish([message('blocked', 'a')]);
    const [held] = await backend.broker.receive('blocked', { maxMessages: 1, waitMs: PATIENCE_MS });
    if (held === undefined) throw new Error('a delivery was expected');
    await rabbit.control('set_vm_memory_high_watermark', '0');
    const first = backend.broker.publish([message('blocked', 'b')]); // the server blocks who publishes
    await until(
      () => lines.some((line) => line.includes('warn RabbitMQ takes no messages reason=low on memory')),
      PATIENCE_MS,
    );
    const second = backend.broker.publish([message('blocked', 'c')]);
    const settled = await backend.broker.settle([{ delivery: held, publish: [], disposition: { kind: 'ack' } }]);
    expect(settled).toEqual([{ status: 'settled' }]);
    await rabbit.control('set_vm_memory_high_watermark', '0.4');
    const outcomes = (await Promise.all([first, second])).flat();
    expect(lines.join('')).toContain('info RabbitMQ takes messages again');
    // On a slow machine the alarm may last longer than a message is tried.
    const refused = outcomes.filter(({ status }) => status === 'refused');
    expect(refused).toEqual(
      refused.map(() => expect.objectContaining({ reason: expect.stringContaining('low on memory') })),
    );
    const sent = ['b', 'c'].filter((_, index) => outcomes[index]?.status === 'accepted');
    const came = await takeTexts(backend, 'blocked', 2, 1_000);
    expect(sent.filter((text) => !came.includes(text))).toEqual([]);
  }, 90_000);

  it('while it takes no messages for long, they are refused with its reason', async () => {
    const backend = await openWith('refused');
    await backend.broker.publish([message('refused', 'a')]);
    await rabbit.control('set_vm_memory_high_watermark', '0');
    try {
      expect(await backend.broker.publish([message('refused', 'b')])).toMatchObject([
        { status: 'refused', code: 'broker-unavailable', reason: expect.stringContaining('low on memory') },
      ]);
    } finally {
      await rabbit.control('set_vm_memory_high_watermark', '0.4');
    }
  }, 90_000);

  it('after its death and a new start everything goes on: what it had accepted is there', async () => {
    const backend = await openWith('restarted');
    await backend.broker.publish(['a', 'b'].map((text) => message('restarted', text)));
    const [held] = await backend.broker.receive('restarted', { maxMessages: 1, waitMs: PATIENCE_MS });
    const waiting = backend.broker.receive('restarted', { maxMessages: 2, waitMs: 80_000 });
    expect(held?.message.correlationId).toBe('a');
    expect((await waiting).map((delivery) => delivery.message.correlationId)).toEqual(['b']);
    const next = backend.broker.receive('restarted', { maxMessages: 2, waitMs: 80_000 });
    await rabbit.kill();
    await rabbit.startAgain();
    expect((await next).length).toBeGreaterThan(0);
    expect(await backend.broker.publish([message('restarted', 'c')])).toMatchObject([{ status: 'accepted' }]);
  }, 120_000);

  it('is reached by TLS where its certificate is known, and not where it is not', async () => {
    const url = `amqps://guest:guest@127.0.0.1:${rabbit.tlsPort}/${rabbit.name}`;
    const backend = await openWith('secret', `${url}?cacertfile=${join(folder, 'certificate.pem')}`);
    await backend.broker.publish([message('secret', 'a')]);
    expect(await takeTexts(backend, 'secret', 1)).toEqual(['a']);
    expect(await takeTexts(await openWith('secret', `${url}?verify=verify_none`), 'secret', 1, 50)).toEqual([]);
    const stranger = await openOnUrl(url, lines);
    opened.push(stranger);
    await expect(stranger.admin.counts(['secret'])).rejects.toMatchObject({
      code: 'broker-unavailable',
      message: expect.stringContaining('self-signed certificate'),
    });
  }, 60_000);
});
