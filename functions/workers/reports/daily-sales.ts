/** Keeps the paid orders of a day as CSV; a repeat replaces the whole file. */
import { salesReportCsv } from '../../../shared/shop/sales-report.ts';
import { dailySales } from '../../../shared/shop/tasks.ts';
import { addDays, dayOf, startOfDay } from '../../../shared/shop/time-zone.ts';
import { reports } from './worker.ts';

export default reports.handle(dailySales, async ({ store, files }, args) => {
  const day = args.day ?? addDays(dayOf(new Date()), -1);
  const orders = await store.paidBetween(startOfDay(day), startOfDay(addDays(day, 1)));
  const file = `sales-${day}.csv`;
  await files.put(`reports/${file}`, Buffer.from(salesReportCsv(orders)), 'text/csv; charset=utf-8');
  return { day, orders: orders.length, file };
});
