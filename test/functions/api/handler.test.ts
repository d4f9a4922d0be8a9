import { describe, expect, it } from '@jest/globals';
import { Hono } from 'hono';
import { openApi } from '../../../functions/api/open-api.ts';
import { lambdaHandler } from '../../../functions/lambda-handler.ts';
import { httpApiEvent } from '../shop-harness.ts';

describe('lambdaHandler', () => {
  const event = httpApiEvent('GET', '/', {});

  it('opens nothing before the first event, and then once', async () => {
    let opened = 0;
    const handler = lambdaHandler(async () => {
      opened++;
      return new Hono().get('/', (context) => context.text('here'));
    });
    expect(opened).toBe(0);
    await Promise.all([handler(event), handler(event)]);
    expect(await handler(event)).toMatchObject({ statusCode: 200, body: 'here' });
    expect(opened).toBe(1);
  });

  it('opens again after it could not', async () => {
    let tries = 0;
    const handler = lambdaHandler(async () => {
      if (tries++ === 0) throw new Error('not yet');
      return new Hono().get('/', (context) => context.text('here'));
    });
    await expect(handler(event)).rejects.toThrow('not yet');
    expect(await handler(event)).toMatchObject({ statusCode: 200 });
  });
});

describe('openApi', () => {
  it('needs a broker on AWS, and everything that the shop keeps there', async () => {
    await expect(openApi({ CELLAR_LOG_LEVEL: 'error' })).rejects.toMatchObject({ code: 'not-supported' });
    const environment = { CELLAR_BROKER_URL: 'sqs://us-east-1/000000000000/wine-shop-dev' };
    await expect(openApi(environment)).rejects.toMatchObject({ code: 'bad-settings', problems: { length: 4 } });
  });
});
