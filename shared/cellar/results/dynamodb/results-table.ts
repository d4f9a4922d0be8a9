/** The table of results as data, so that a deployment and a process that makes its own tables make the same. */

/**
 * One item a task, keyed by `pk`; items of other kinds (revocations, schedules, attempts) beside them. Billed on demand.
 *
 * The index `recent` lists results by the time of their last change. It holds what a list filters by, not the results
 * themselves, and only items that have its keys: claims and counters are not in it. Each stored state writes to it too,
 * which is what it costs: one more write unit for a task's first state, two for each later one.
 */
export const resultsTable = {
  hashKey: { name: 'pk', type: 'S' },
  /** Seconds since the epoch; DynamoDB deletes what is past it, within some days. */
  timeToLiveAttribute: 'ttl',
  index: {
    name: 'recent',
    hashKey: { name: 'bucket', type: 'S' },
    rangeKey: { name: 'at', type: 'N' },
    /** Projection type INCLUDE with these. */
    includedAttributes: ['state', 'task', 'queue'],
  },
} as const;
