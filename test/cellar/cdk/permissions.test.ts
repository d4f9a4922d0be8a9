import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { Stack } from 'aws-cdk-lib';
import { topology } from 'cellar';
import { Permissions } from 'cellar/cdk';
import { planAws } from '../../../shared/cellar/aws/plan.ts';
import { appWithoutBundles } from './templates.ts';

const LIBRARY = fileURLToPath(new URL('../../../shared/cellar/', import.meta.url));

/** What IAM calls an operation, where that differs (service authorization reference). */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  'sqs:SendMessageBatch': ['sqs:SendMessage'],
  'sqs:DeleteMessageBatch': ['sqs:DeleteMessage'],
  'sqs:ChangeMessageVisibilityBatch': ['sqs:ChangeMessageVisibility'],
  'sns:PublishBatch': ['sns:Publish'],
  'dynamodb:TransactWriteItems': ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'],
};

/** Operations that the sources of some folders call. */
function operationsIn(pattern: string): ReadonlySet<string> {
  const files = globSync(pattern, { cwd: LIBRARY }).filter((file) => !file.includes('create/'));
  const calls = files.flatMap((file) => [
    ...readFileSync(join(LIBRARY, file), 'utf8').matchAll(/'((?:sqs|sns|dynamodb|s3|scheduler):[A-Z]\w+)'/g),
  ]);
  return new Set(calls.map(([, operation = '']) => operation));
}

const permissions = () => {
  const declared = topology({
    exchanges: { news: { type: 'fanout' } },
    queues: { mail: {}, letters: {} },
    bindings: [{ exchange: 'news', queue: 'mail' }],
  });
  const plan = planAws(declared, 'shop');
  return new Permissions(new Stack(appWithoutBundles(), 'Test'), { prefix: 'shop', plan });
};

describe('Permissions', () => {
  it('allows an administrator every operation that the broker and the result store call', () => {
    const allowed = new Set(
      permissions()
        .admin()
        .flatMap(({ actions }) => actions),
    );
    const operations = [...operationsIn('brokers/aws/**/*.ts'), ...operationsIn('results/dynamodb/**/*.ts')];
    expect(operations.length).toBeGreaterThan(10);
    const denied = operations
      .flatMap((operation) => ACTIONS[operation] ?? [operation])
      .filter((action) => !allowed.has(action));
    expect(denied).toEqual([]);
  });

  it('lets a worker take messages of its own queue and send to every queue, but not empty or count one', () => {
    const statements = permissions().worker('mail');
    const resources = (action: string): readonly string[] =>
      statements.filter(({ actions }) => actions.includes(action)).flatMap((statement) => statement.resources);
    const names = (action: string) =>
      resources(action)
        .map((arn) => arn.split(':').at(-1))
        .sort();
    expect(names('sqs:ReceiveMessage')).toEqual(['shop-mail.fifo']);
    expect(names('sqs:SendMessage')).toEqual([
      'shop-delay',
      'shop-letters.fifo',
      'shop-mail-dead.fifo',
      'shop-mail.fifo',
    ]);
    expect(names('sns:Publish')).toEqual(['shop-news.fifo']);
    expect(names('sqs:PurgeQueue')).toEqual([]);
  });

  it('lets a viewer send, write and delete nothing, and take dead letters only', () => {
    const statements = permissions().viewer();
    const actions = statements.flatMap((statement) => statement.actions).toSorted();
    expect(actions).toEqual([
      'dynamodb:BatchGetItem',
      'dynamodb:GetItem',
      'dynamodb:Query',
      'sqs:ChangeMessageVisibility',
      'sqs:GetQueueAttributes',
      'sqs:ReceiveMessage',
    ]);
    const received = statements.filter((statement) => statement.actions.includes('sqs:ReceiveMessage'));
    for (const arn of received.flatMap(({ resources }) => resources)) expect(arn).toMatch(/-dead\.fifo$/);
  });

  it('lets the forwarder take messages of the delay queue only', () => {
    const received = permissions()
      .forwarder()
      .filter(({ actions }) => actions.includes('sqs:ReceiveMessage'));
    expect(received.flatMap(({ resources }) => resources).map((arn) => arn.split(':').at(-1))).toEqual(['shop-delay']);
  });
});
