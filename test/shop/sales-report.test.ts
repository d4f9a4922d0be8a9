import { describe, expect, it } from '@jest/globals';
import { salesReportCsv } from '../../shared/shop/sales-report.ts';
import { sampleLines, sampleOrder } from './sample-order.ts';

describe('salesReportCsv', () => {
  it('has a line for each line of each order, dates as dd/mm/YYYY', () => {
    const csv = salesReportCsv([sampleOrder({ coupon: { code: 'WELCOME10', percent: 10 } })]);
    expect(csv.split('\r\n')).toEqual([
      'Order,Invoice,Placed,Paid,Wine,Price,Quantity,Cost,Coupon,Order discount,Order total,Currency',
      '2026-000042,17,28/03/2026,28/03/2026,"Chablis Premier Cru Vaudevey, Domaine des Pierres Blanches, 2022",34.50,1,34.50,WELCOME10,15.85,142.65,EUR',
      '2026-000042,17,28/03/2026,28/03/2026,"Pommard Clos Micault, Maison Aubertin, 2020",62.00,2,124.00,WELCOME10,15.85,142.65,EUR',
      '',
    ]);
  });

  it('quotes what must be quoted', () => {
    const [line] = sampleLines(1);
    const lines = line === undefined ? [] : [{ ...line, title: 'Say "wine",\nplease' }];
    expect(salesReportCsv([sampleOrder({ lines })])).toContain(',"Say ""wine"",\nplease",');
  });

  it('is its heading alone when nothing was sold', () => {
    expect(salesReportCsv([]).split('\r\n')).toHaveLength(2);
  });
});
