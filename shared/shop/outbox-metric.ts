/** The metric of CloudWatch that counts rows of the outbox which were set aside: deploy time watches it. */
export const setAsideMetric = {
  namespace: 'WineShop',
  name: 'OutboxRowsSetAside',
  /** Its one dimension; the value is the table's name. */
  dimension: 'table',
} as const;
