/**
 * What an application costs on AWS: list prices of us-east-1 in USD (AWS's price pages, November 2026), without free tiers.
 */
import type { Application } from './application.ts';

/** Each per unit or per million, as its name says. */
const PRICES = {
  sqsFifoPerMillion: 0.5,
  sqsStandardPerMillion: 0.4,
  snsFifoPublishPerMillion: 0.3,
  snsFifoDeliveryPerMillion: 0.01,
  lambdaRequestPerMillion: 0.2,
  /** arm64. */
  lambdaGbSecond: 0.0000133334,
  dynamoWritePerMillion: 0.625,
  schedulerPerMillion: 1,
  alarmPerMonth: 0.1,
  secretPerMonth: 0.4,
} as const;

const SECONDS_A_MONTH = 30 * 86_400;
/**
 * Lambda asks a queue that is idle by long polls of 20 s, with five pollers. It may go down to two, but not where the
 * calls side by side are limited (Lambda's guide, scaling behavior of SQS event source mappings).
 */
const LONG_POLL_SECONDS = 20;
const IDLE_POLLERS = { limited: { least: 5, most: 5 }, unlimited: { least: 2, most: 5 } } as const;
/** Dead letters, and the age of the oldest message. */
const ALARMS_A_QUEUE = 2;
/** Undelivered messages, the age of the oldest delayed one, errors and throttles of functions. */
const ALARMS_AN_APPLICATION = 4;

/** USD a month. */
export interface CostRange {
  readonly least: number;
  readonly most: number;
}

export interface IdleCosts {
  /** A queue, with Lambda's polling and its two alarms: the cheapest to the dearest. */
  readonly perQueue: CostRange;
  readonly queues: number;
  /** The delay queue's polling, and the alarms that all queues share. */
  readonly shared: CostRange;
  readonly total: CostRange;
}

/** What a million tasks of one kind cost: 1 KB each, sent, taken and ended in batches of ten, 10 ms at 512 MiB. */
export interface TaskCosts {
  readonly what: string;
  readonly perMillion: number;
}

/** What an application has beside Cellar's own. */
export interface Beside {
  readonly secrets: number;
  readonly alarms: number;
}

/** What an application costs a month while nothing happens. */
export function idleCosts(
  { plan, workers }: Application,
  { secrets, alarms }: Beside = { secrets: 0, alarms: 0 },
): IdleCosts {
  const queues = plan.queues.map(({ queue }) => {
    const settings = workers.find((worker) => worker.queue === queue)?.settings;
    const pollers = IDLE_POLLERS[settings?.strictOrder === true ? 'unlimited' : 'limited'];
    return pollingCosts(pollers, PRICES.sqsFifoPerMillion, ALARMS_A_QUEUE);
  });
  const forwarding = ALARMS_AN_APPLICATION + alarms;
  const forwarder = pollingCosts(IDLE_POLLERS.unlimited, PRICES.sqsStandardPerMillion, forwarding);
  const kept = secrets * PRICES.secretPerMonth;
  const shared = { least: forwarder.least + kept, most: forwarder.most + kept };
  const perQueue = {
    least: Math.min(...queues.map(({ least }) => least)),
    most: Math.max(...queues.map(({ most }) => most)),
  };
  const total = {
    least: queues.reduce((sum, { least }) => sum + least, shared.least),
    most: queues.reduce((sum, { most }) => sum + most, shared.most),
  };
  return { perQueue, queues: queues.length, shared, total };
}

function pollingCosts(
  pollers: { readonly least: number; readonly most: number },
  pricePerMillion: number,
  alarms: number,
): CostRange {
  const costOf = (count: number): number =>
    (count * SECONDS_A_MONTH * pricePerMillion) / LONG_POLL_SECONDS / 1e6 + alarms * PRICES.alarmPerMonth;
  return { least: costOf(pollers.least), most: costOf(pollers.most) };
}

const BATCH = 10;
const TASK_SECONDS = 0.01;
const TASK_GB = 0.5;

/** What tasks cost, by how they are sent. */
export function taskCosts(): readonly TaskCosts[] {
  const {
    sqsFifoPerMillion: fifo,
    sqsStandardPerMillion: standard,
    lambdaRequestPerMillion,
    lambdaGbSecond,
    dynamoWritePerMillion: write,
  } = PRICES;
  const run = lambdaRequestPerMillion / BATCH + TASK_SECONDS * TASK_GB * lambdaGbSecond * 1e6;
  const inBatches = (3 * fifo) / BATCH; // send, receive, delete
  const singly = fifo + (2 * fifo) / BATCH;
  // The results table's index writes too, and the first state of a task is one write more.
  const result = 2 * write;
  const delayed = (2 * standard) / BATCH + lambdaRequestPerMillion / BATCH;
  const copies = 3;
  const fanOut =
    PRICES.snsFifoPublishPerMillion / BATCH + copies * (PRICES.snsFifoDeliveryPerMillion + (2 * fifo) / BATCH + run);
  return [
    { what: 'sent in batches, no result', perMillion: inBatches + run },
    { what: 'sent one by one, no result', perMillion: singly + run },
    { what: 'sent one by one, result stored', perMillion: singly + run + result },
    { what: 'with a countdown of up to 15 minutes', perMillion: standard + delayed + inBatches + run },
    { what: 'with a later eta', perMillion: PRICES.schedulerPerMillion + standard + delayed + inBatches + run },
    { what: `published to ${copies} queues in batches`, perMillion: fanOut },
  ];
}
