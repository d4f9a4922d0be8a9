import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runStaff } from '../../../functions/staff/run-staff.ts';
import { seedProducts } from '../../../shared/shop/seed.ts';

describe('npm run staff', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'staff-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const staff = (...words: readonly string[]) =>
    runStaff(words, { CELLAR_DATA_DIR: folder, CELLAR_LOG_LEVEL: 'error' });
  const printed = async (...words: readonly string[]) => JSON.parse((await staff(...words)).text);

  async function fileOf(content: unknown): Promise<string> {
    const file = join(folder, 'changes.json');
    await writeFile(file, JSON.stringify(content));
    return file;
  }

  it('prints the wines so that they can be changed and saved', async () => {
    const { wines } = await printed('wines');
    expect(wines).toEqual(seedProducts().wines);
    const cheaper = { ...wines[0], priceCents: 999 };
    expect(await staff('save', await fileOf({ wines: [cheaper] }))).toEqual({
      text: '1 wines and 0 coupons saved\n',
      exitCode: 0,
    });
    expect((await printed('wines')).wines[0]).toEqual(cheaper);
  });

  it('saves a coupon', async () => {
    const { coupons } = await printed('coupon', 'WELCOME10');
    await staff('save', await fileOf({ coupons: [{ ...coupons[0], percent: 12 }] }));
    expect(await printed('coupon', 'WELCOME10')).toMatchObject({ coupons: [{ percent: 12 }] });
    await expect(staff('coupon', 'NOPE')).rejects.toThrow("there is no coupon 'NOPE'");
  });

  it('saves nothing of a file with one entry that does not fit', async () => {
    const before = await printed('wines');
    const [first, second] = before.wines;
    const file = await fileOf({
      wines: [
        { ...first, name: 'Other' },
        { ...second, priceCents: -1 },
      ],
    });
    await expect(staff('save', file)).rejects.toThrow();
    expect(await printed('wines')).toEqual(before);
  });

  it('takes a wine off sale', async () => {
    await staff('withdraw', 'tavel-rose');
    expect((await printed('wines')).wines.map(({ id }: { readonly id: string }) => id)).not.toContain('tavel-rose');
    await expect(staff('withdraw', 'no-such-wine')).rejects.toThrow("there is no wine 'no-such-wine'");
  });

  it('has no outbox where tasks leave with their order', async () => {
    await expect(staff('outbox')).rejects.toMatchObject({ code: 'not-supported' });
  });

  it.each([[[]], [['sell']], [['toString']], [['save']], [['wines', 'all']]])(
    'explains itself for %j',
    async (words) => {
      const { text, exitCode } = await staff(...words);
      expect([text.startsWith('usage: npm run staff'), exitCode]).toEqual([true, 2]);
    },
  );

  it('refuses AWS itself unless told so', async () => {
    const onAws = staff('wines', '--broker', 'sqs://eu-central-1/123456789012/wine-shop-prod');
    await expect(onAws).rejects.toMatchObject({ code: 'bad-settings' });
  });
});
