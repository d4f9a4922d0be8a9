/** What staff can do; each command answers what is printed. */
import { readFile } from 'node:fs/promises';
import { CellarError } from 'cellar';
import { seedProducts } from '../../shared/shop/seed.ts';
import { publishAgain, rowsSetAside } from '../../shared/shop/stores/dynamo/set-aside.ts';
import type { Counter } from './open-counter.ts';

export interface StaffCommand {
  /** What is written behind the name, such as `<id>`; empty where nothing is. */
  readonly argument: string;
  readonly says: string;
  run(counter: Counter, argument: string): Promise<string>;
}

export const STAFF_COMMANDS: Readonly<Record<string, StaffCommand>> = {
  wines: {
    argument: '',
    says: 'prints the wines on sale, as `save` reads them',
    run: async ({ products }) => json({ wines: await products.wines() }),
  },
  coupon: {
    argument: '<code>',
    says: 'prints a coupon, as `save` reads it',
    async run({ products }, code) {
      const coupon = await products.coupon(code);
      if (coupon === undefined) throw new Error(`there is no coupon '${code}'`);
      return json({ coupons: [coupon] });
    },
  },
  save: {
    argument: '<file>',
    says: 'changes or adds the `wines` and `coupons` of a JSON file',
    run: saveFile,
  },
  withdraw: {
    argument: '<wine>',
    says: 'takes a wine off sale; saving it brings it back',
    async run({ products }, id) {
      if (!(await products.withdrawWine(id))) throw new Error(`there is no wine '${id}'`);
      return `${id} is off sale\n`;
    },
  },
  outbox: {
    argument: '',
    says: 'prints the rows of the outbox that could not be published, and why (AWS)',
    async run({ table }) {
      const rows = await rowsSetAside(onAws(table));
      if (rows.length === 0) return 'nothing was set aside\n';
      return rows.map(({ name, since, problem }) => line(name, since.toISOString(), problem)).join('');
    },
  },
  'outbox-again': {
    argument: '',
    says: 'has all of them published again (AWS)',
    async run({ table }) {
      const names = await publishAgain(onAws(table));
      return names.length === 0 ? 'nothing was set aside\n' : names.map((name) => `${name}\n`).join('');
    },
  },
};

/** All of it is checked before anything is written. */
async function saveFile({ products }: Counter, file: string): Promise<string> {
  const { wines = [], coupons = [] } = JSON.parse(await readFile(file, 'utf8'));
  const changed = seedProducts({ wines, coupons });
  for (const wine of changed.wines) await products.saveWine(wine);
  for (const coupon of changed.coupons) await products.saveCoupon(coupon);
  return `${changed.wines.length} wines and ${changed.coupons.length} coupons saved\n`;
}

function onAws(table: Counter['table']): NonNullable<Counter['table']> {
  if (table !== undefined) return table;
  throw new CellarError('not-supported', 'this broker sends tasks with their order and has no outbox, allowed: sqs:');
}

function line(...columns: readonly string[]): string {
  return `${columns.map((text) => text.replaceAll(/\s+/g, ' ')).join('\t')}\n`;
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
