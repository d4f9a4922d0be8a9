import { describe } from '@jest/globals';
import { hasRabbitmq } from '../support/rabbitmq.ts';
import { rabbitmqHarness } from './rabbitmq-harness.ts';
import { conformance } from './suite.ts';

const describeHere = hasRabbitmq() ? describe : describe.skip;

describeHere('RabbitMQ', () => {
  conformance('rabbitmq', rabbitmqHarness());
});
