import { describe, expect, it } from '@jest/globals';
import { addressesOf } from '../../../../functions/local/deploy/addresses.ts';

const endpoint = 'http://127.0.0.1:4566';

describe('the addresses of a deployed system', () => {
  it('are reached through the emulator where API Gateway gave them', () => {
    const outputs = {
      api: { ApiUrl: 'https://0a1b2c3d.execute-api.us-east-1.amazonaws.com' },
      web: { WebUrl: 'http://127.0.0.1:4566/pages/index.html' },
      dashboard: { DashboardUrl: 'http://4e5f6a7b.execute-api.localhost:4566/' },
    };
    expect(addressesOf({ outputs }, endpoint)).toEqual({
      api: 'http://127.0.0.1:4566/_aws/execute-api/0a1b2c3d/$default',
      web: 'http://127.0.0.1:4566/pages/index.html',
      dashboard: 'http://127.0.0.1:4566/_aws/execute-api/4e5f6a7b/$default/',
    });
  });

  it('must be put out by the stacks', () => {
    expect(() => addressesOf({ outputs: { api: { BrokerUrl: 'sqs:' } } }, endpoint)).toThrow(
      'no stack put out ApiUrl, got: BrokerUrl',
    );
  });
});
