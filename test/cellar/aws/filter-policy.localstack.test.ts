/** Filter policies on LocalStack: FIFO topics and queues, raw delivery, scope MessageAttributes; it checks SNS's limits too. */
import { testVectorsThrough } from './sns-vectors.ts';

testVectorsThrough('localstack');
