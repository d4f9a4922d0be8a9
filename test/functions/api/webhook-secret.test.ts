import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { webhookSecret } from '../../../functions/api/webhook-secret.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'secret-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('webhookSecret', () => {
  it('makes one secret for all who start at once, for its owner only', async () => {
    const file = join(folder, 'data', 'webhook-secret');
    const secrets = await Promise.all(Array.from({ length: 10 }, () => webhookSecret(file)));
    expect(new Set(secrets).size).toBe(1);
    expect(secrets[0]).toMatch(/^whsec_[0-9a-f]{64}$/);
    expect(await webhookSecret(file)).toBe(secrets[0]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(folder, 'data'))).toEqual(['webhook-secret']);
  });
});
