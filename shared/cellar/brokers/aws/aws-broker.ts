import type { AwsCalls } from '../../aws/calls.ts';
import { type AwsLocation, awsNames, queueUrl } from '../../aws/location.ts';
import { type AwsPlan, needsRecheck, planAws } from '../../aws/plan.ts';
import type { PayloadStore } from '../../backend.ts';
import type {
  Broker,
  BrokerCapabilities,
  Delivery,
  OutgoingMessage,
  PublishOutcome,
  ReceiveOptions,
  Settlement,
  SettleOutcome,
} from '../../broker.ts';
import type { Runtime } from '../../clock.ts';
import { CellarError } from '../../errors.ts';
import type { ResultStore } from '../../result-store.ts';
import type { Topology } from '../../topology.ts';
import { emptyTopology, mergeTopology } from '../merge-topology.ts';
import { type Batches, openBatches } from './batches.ts';
import { isStaleReceipt } from './faults.ts';
import type { SendRules } from './plan-send.ts';
import { awsPublish, type Publish } from './publisher.ts';
import { QueueReceiver } from './queue-receiver.ts';
import { Receipts } from './receipts.ts';
import { type Acknowledge, awsSettle, MAX_VISIBILITY_SECONDS } from './settle.ts';

export interface AwsBrokerParts {
  readonly calls: AwsCalls;
  readonly location: AwsLocation;
  readonly runtime: Runtime;
  readonly capabilities: BrokerCapabilities;
  readonly results: ResultStore;
  readonly payloads: PayloadStore | undefined;
  readonly acknowledge: Acknowledge;
  /** Makes what a plan names, where nobody deploys it. */
  readonly create?: (plan: AwsPlan) => Promise<void>;
  /** Called whenever messages are asked for. */
  readonly onReceive?: () => void;
  /** Ends what lives with the broker; called once, after everything else. */
  readonly onClose: () => Promise<void>;
}

/** The broker port over SQS, SNS and EventBridge Scheduler. */
export class AwsBroker implements Broker {
  readonly capabilities: BrokerCapabilities;
  readonly batches: Batches;
  readonly #parts: AwsBrokerParts;
  readonly #publish: Publish;
  readonly #settle: Broker['settle'];
  readonly #receipts = new Receipts();
  readonly #receivers = new Map<string, QueueReceiver>();
  readonly #underWay = new Set<Promise<unknown>>();
  #topology: Topology = emptyTopology;
  #plan: AwsPlan = { queues: [], topics: [], subscriptions: [] };
  #isClosed = false;

  constructor(parts: AwsBrokerParts) {
    const { capabilities, calls, location, payloads } = parts;
    this.#parts = parts;
    this.capabilities = capabilities;
    this.batches = openBatches(parts);
    this.#publish = awsPublish({ calls, location, payloads, batches: this.batches });
    const publish = (messages: readonly OutgoingMessage[]) => this.#publish(this.#rules(), messages);
    this.#settle = awsSettle({ ...parts, batches: this.batches, receipts: this.#receipts, publish });
  }

  /** The names of all queues declared. */
  get queueNames(): readonly string[] {
    return Object.keys(this.#topology.queues);
  }

  /**
   * AWS keeps no types of exchanges: a conflict is one with what this process declared before. Without `create` nothing
   * is called: what the plan names was deployed.
   */
  async declare(topology: Topology): Promise<void> {
    this.refuseWhenClosed();
    const merged = mergeTopology(this.#topology, topology);
    const plan = planAws(merged, this.#parts.location.prefix);
    await this.#parts.create?.(plan);
    this.#topology = merged;
    this.#plan = plan;
  }

  async publish(messages: readonly OutgoingMessage[]): Promise<readonly PublishOutcome[]> {
    this.refuseWhenClosed();
    return await this.#track(this.#publish(this.#rules(), messages));
  }

  async receive(queue: string, options: ReceiveOptions): Promise<readonly Delivery[]> {
    this.refuseWhenClosed();
    const receiver = this.#receiverOf(queue);
    this.#parts.onReceive?.();
    const deliveries = await receiver.receive(options);
    this.#receipts.add(deliveries);
    return deliveries;
  }

  async settle(settlements: readonly Settlement[]): Promise<readonly SettleOutcome[]> {
    this.refuseWhenClosed();
    return await this.#track(this.#settle(settlements));
  }

  async extend(deliveries: readonly Delivery[], seconds: number): Promise<readonly boolean[]> {
    this.refuseWhenClosed();
    const VisibilityTimeout = Math.min(MAX_VISIBILITY_SECONDS, Math.ceil(seconds));
    const faults = await Promise.all(
      deliveries.map(({ queue, receipt }) =>
        this.batches.visibilities(this.awsName(queue)).add({ ReceiptHandle: receipt, VisibilityTimeout }, { bytes: 0 }),
      ),
    );
    const outage = faults.find((fault) => fault !== undefined && !isStaleReceipt(fault));
    if (outage !== undefined) throw new CellarError('broker-unavailable', `${outage.awsCode}: ${outage.message}`);
    return faults.map((fault) => fault === undefined);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await Promise.all([...this.#receivers.values()].map((receiver) => receiver.close()));
    await Promise.allSettled(this.#underWay); // their callers hear of their faults
    await this.#parts.onClose();
  }

  /** As `Backend.needsRecheck`. */
  needsRecheck(exchange: string, queue: string): boolean {
    return needsRecheck(this.#plan, exchange, queue);
  }

  /**
   * What the queue is called on AWS.
   * @throws CellarError `unknown-queue`
   */
  awsName(queue: string): string {
    if (Object.hasOwn(this.#topology.queues, queue)) return awsNames.queue(this.#parts.location.prefix, queue);
    throw new CellarError('unknown-queue', `there is no queue '${queue}'; declare it in the topology`);
  }

  /** @throws CellarError `closed` */
  refuseWhenClosed(): void {
    if (this.#isClosed) throw new CellarError('closed', 'the broker is closed');
  }

  #rules(): SendRules {
    const { capabilities, runtime, payloads } = this.#parts;
    const [topology, plan] = [this.#topology, this.#plan];
    return { topology, plan, capabilities, runtime, storesPayloads: payloads !== undefined };
  }

  #receiverOf(queue: string): QueueReceiver {
    const found = this.#receivers.get(queue);
    if (found !== undefined) return found;
    const { calls, runtime, location } = this.#parts;
    const name = this.awsName(queue);
    const receiver = new QueueReceiver({
      calls,
      runtime,
      queue,
      url: queueUrl(location, name),
      visibilitySeconds: this.#topology.queues[queue]?.visibilityTimeoutSeconds ?? 30,
      giveBack: async (messages) => {
        const visibilities = this.batches.visibilities(name);
        const now = ({ ReceiptHandle }: { readonly ReceiptHandle: string }) =>
          visibilities.add({ ReceiptHandle, VisibilityTimeout: 0 }, { bytes: 0 });
        await Promise.all(messages.map(now));
      },
    });
    this.#receivers.set(queue, receiver);
    return receiver;
  }

  async #track<Value>(work: Promise<Value>): Promise<Value> {
    this.#underWay.add(work);
    try {
      return await work;
    } finally {
      this.#underWay.delete(work);
    }
  }
}
