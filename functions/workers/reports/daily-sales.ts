/** Writes the paid orders of a day as CSV; written beside and renamed, so that a repeat replaces the whole file. */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { salesReportCsv } from '../../../shared/shop/sales-report.ts';
import { dailySales } from '../../../shared/shop/tasks.ts';
import { addDays, dayOf, startOfDay } from '../../../shared/shop/time-zone.ts';
import { reports } from './worker.ts';

export default reports.handle(dailySales, async ({ store, folder, request }, args) => {
  const day = args.day ?? addDays(dayOf(new Date()), -1);
  const orders = await store.paidBetween(startOfDay(day), startOfDay(addDays(day, 1)));
  const file = `sales-${day}.csv`;
  await mkdir(folder, { recursive: true });
  const beside = join(folder, `.${file}.${request.id}.part`);
  await writeFile(beside, salesReportCsv(orders));
  await rename(beside, join(folder, file));
  return { day, orders: orders.length, file };
});
