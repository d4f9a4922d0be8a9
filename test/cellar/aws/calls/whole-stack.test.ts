/** The calls to DynamoDB, Scheduler, Secrets Manager and SES: one suite for both implementations, on ministack. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { AwsCalls, AwsOperations, Item } from 'cellar/aws';
import { type Emulator, hasEmulator, startEmulator } from '../../../support/aws/emulator.ts';
import { IMPLEMENTATIONS, openCalls } from './implementations.ts';
import { makeScheduleGroup, makeSecret, makeTable } from './resources.ts';

(hasEmulator('ministack') ? describe : describe.skip)('on ministack', () => {
  let emulator: Emulator;
  let made = 0;
  const fresh = (kind: string) => `${kind}-${++made}`;
  beforeAll(async () => {
    emulator = await startEmulator('ministack');
  }, 60_000);
  afterAll(() => emulator.stop());

  describe.each(IMPLEMENTATIONS)('AWS by %s', (implementation) => {
    let calls: AwsCalls;
    beforeEach(() => {
      calls = openCalls(implementation, emulator.endpoint);
    });
    afterEach(() => calls.close());

    const ITEM: Item = {
      ...{ pk: { S: 'a' }, number: { N: '-1.5' }, yes: { BOOL: true }, none: { NULL: true } },
      ...{ set: { SS: ['é', 'z'] }, list: { L: [{ S: '' }, { M: { deep: { N: '1' } } }] } },
    };
    const absent = { ConditionExpression: 'attribute_not_exists(pk)' } as const;

    it('puts, gets, updates, deletes and queries items of every kind', async () => {
      const TableName = await makeTable(emulator.endpoint, fresh('table'));
      const Key = { pk: { S: 'a' } };
      await calls.call('dynamodb:PutItem', { TableName, Item: ITEM });
      expect(await calls.call('dynamodb:GetItem', { TableName, Key, ConsistentRead: true })).toEqual({ Item: ITEM });
      const { Attributes } = await calls.call('dynamodb:UpdateItem', {
        ...{ TableName, Key, UpdateExpression: 'ADD #n :one', ReturnValues: 'UPDATED_NEW' },
        ...{ ExpressionAttributeNames: { '#n': 'number' }, ExpressionAttributeValues: { ':one': { N: '1' } } },
      });
      expect(Attributes).toEqual({ number: { N: '-0.5' } });
      const RequestItems = { [TableName]: { Keys: [Key, { pk: { S: 'none' } }], ConsistentRead: true } };
      const batch = await calls.call('dynamodb:BatchGetItem', { RequestItems });
      expect(batch.Responses?.[TableName]).toEqual([{ ...ITEM, number: { N: '-0.5' } }]);
      const { Items } = await calls.call('dynamodb:Query', {
        ...{ TableName, KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': { S: 'a' } } },
      });
      expect(Items).toHaveLength(1);
      await calls.call('dynamodb:DeleteItem', { TableName, Key });
      expect((await calls.call('dynamodb:GetItem', { TableName, Key })).Item).toBeUndefined();
    });

    it('shows the item that stood in the way of a conditional write', async () => {
      const TableName = await makeTable(emulator.endpoint, fresh('table'));
      await calls.call('dynamodb:PutItem', { TableName, Item: ITEM });
      const again = calls.call('dynamodb:PutItem', {
        ...{ TableName, Item: { pk: { S: 'a' } }, ...absent, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' },
      });
      await expect(again).rejects.toMatchObject({
        ...{ name: 'AwsCallError', awsCode: 'ConditionalCheckFailedException', status: 400, isPassing: false },
        item: ITEM,
      });
    });

    it('says why a transaction was cancelled, write by write, and writes nothing of it', async () => {
      const TableName = await makeTable(emulator.endpoint, fresh('table'));
      await calls.call('dynamodb:PutItem', { TableName, Item: ITEM });
      const guarded = { TableName, ...absent, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;
      const write = calls.call('dynamodb:TransactWriteItems', {
        TransactItems: [
          { Put: { TableName, Item: { pk: { S: 'b' } } } },
          { Put: { ...guarded, Item: { pk: { S: 'a' } } } },
        ],
      });
      await expect(write).rejects.toMatchObject({
        ...{ awsCode: 'TransactionCanceledException', isPassing: false },
        reasons: [{ code: 'None' }, { code: 'ConditionalCheckFailed', item: ITEM }],
      });
      const Key = { pk: { S: 'b' } };
      expect((await calls.call('dynamodb:GetItem', { TableName, Key })).Item).toBeUndefined();
    });

    it('writes a transaction', async () => {
      const TableName = await makeTable(emulator.endpoint, fresh('table'));
      const Item = { pk: { S: 'b' } };
      const TransactItems = [{ Put: { TableName, Item, ...absent } }];
      expect(await calls.call('dynamodb:TransactWriteItems', { TransactItems })).toEqual({});
      expect((await calls.call('dynamodb:GetItem', { TableName, Key: Item })).Item).toEqual(Item);
    });

    it('says that a table does not exist', async () => {
      const get = calls.call('dynamodb:GetItem', { TableName: 'none', Key: { pk: { S: 'a' } } });
      await expect(get).rejects.toMatchObject({ awsCode: 'ResourceNotFoundException', item: undefined });
    });

    const schedule = (GroupName: string, Name: string): AwsOperations['scheduler:CreateSchedule']['input'] => ({
      ...{ Name, GroupName, ScheduleExpression: 'at(2099-11-25T18:00:00)', FlexibleTimeWindow: { Mode: 'OFF' } },
      ActionAfterCompletion: 'DELETE',
      Target: {
        ...{ Arn: 'arn:aws:sqs:us-east-1:000000000000:delay', RoleArn: 'arn:aws:iam::000000000000:role/scheduler' },
        ...{ Input: '{"é":"<&>"}', RetryPolicy: { MaximumRetryAttempts: 3, MaximumEventAgeInSeconds: 60 } },
      },
    });

    it('creates, gets, lists and deletes schedules', async () => {
      const GroupName = await makeScheduleGroup(emulator.endpoint, fresh('group'));
      await calls.call('scheduler:CreateSchedule', schedule(GroupName, 'abc-1'));
      await calls.call('scheduler:CreateSchedule', schedule(GroupName, 'xyz-1'));
      expect(await calls.call('scheduler:GetSchedule', { GroupName, Name: 'abc-1' })).toMatchObject({
        ...{ ScheduleExpression: 'at(2099-11-25T18:00:00)', Target: { Input: '{"é":"<&>"}' } },
      });
      const listed = await calls.call('scheduler:ListSchedules', { GroupName, NamePrefix: 'abc-', MaxResults: 50 });
      expect(listed.Schedules.map(({ Name }) => Name)).toEqual(['abc-1']);
      await calls.call('scheduler:DeleteSchedule', { GroupName, Name: 'abc-1' });
      const left = await calls.call('scheduler:ListSchedules', { GroupName });
      expect(left.Schedules.map(({ Name }) => Name)).toEqual(['xyz-1']);
    });

    it('says that a schedule does not exist, or is there already', async () => {
      const GroupName = await makeScheduleGroup(emulator.endpoint, fresh('group'));
      const unknown = { awsCode: 'ResourceNotFoundException', status: 404, isPassing: false };
      await expect(calls.call('scheduler:GetSchedule', { GroupName, Name: 'x' })).rejects.toMatchObject(unknown);
      await expect(calls.call('scheduler:DeleteSchedule', { GroupName, Name: 'x' })).rejects.toMatchObject(unknown);
      await calls.call('scheduler:CreateSchedule', schedule(GroupName, 'x'));
      const again = calls.call('scheduler:CreateSchedule', schedule(GroupName, 'x'));
      await expect(again).rejects.toMatchObject({ awsCode: 'ConflictException', status: 409, isPassing: false });
    });

    it('reads a secret, and says that one does not exist', async () => {
      const SecretId = fresh('secret');
      await makeSecret(emulator.endpoint, SecretId, 'hush');
      expect(await calls.call('secretsmanager:GetSecretValue', { SecretId })).toMatchObject({ SecretString: 'hush' });
      const none = calls.call('secretsmanager:GetSecretValue', { SecretId: 'none' });
      await expect(none).rejects.toMatchObject({ awsCode: 'ResourceNotFoundException', status: 400 });
    });

    it('sends a mail as it is', async () => {
      const to = `${fresh('customer')}@example.com`;
      const mail = `From: shop@example.com\r\nTo: ${to}\r\nSubject: Wein\r\n\r\nbody of ${to}\r\n`;
      const { MessageId } = await calls.call('ses:SendEmail', {
        ...{ FromEmailAddress: 'shop@example.com', Destination: { ToAddresses: [to] }, Raw: Buffer.from(mail) },
      });
      expect(MessageId).toBeTruthy();
      const response = await fetch(`${emulator.endpoint}/_ministack/ses/messages`);
      expect(await response.text()).toContain(`body of ${to}`);
    });
  });
});
