import { describe, expect, it } from '@jest/globals';
import { addressesOf, allOutputs } from '../../../../functions/local/deploy/addresses.ts';

const endpoint = 'http://127.0.0.1:4566';

describe('the addresses of a deployed system', () => {
  it('are reached through the emulator where API Gateway gave them', () => {
    const outputs = {
      api: { ApiUrl: 'https://0a1b2c3d.execute-api.us-east-1.amazonaws.com' },
      web: { WebUrl: 'https://5c6d7e8f.execute-api.us-east-1.amazonaws.com/' },
      dashboard: { DashboardUrl: 'http://4e5f6a7b.execute-api.localhost:4566/' },
    };
    expect(addressesOf(allOutputs({ outputs }), endpoint)).toEqual({
      api: 'http://127.0.0.1:4566/_aws/execute-api/0a1b2c3d/$default',
      web: 'http://5c6d7e8f.execute-api.localhost:4566/',
      dashboard: 'http://127.0.0.1:4566/_aws/execute-api/4e5f6a7b/$default/',
    });
  });

  it('are left alone where they are no API Gateway', () => {
    const outputs = { ApiUrl: 'http://a/', WebUrl: 'http://b/', DashboardUrl: 'http://c/' };
    expect(addressesOf(outputs, endpoint)).toEqual({ api: 'http://a', web: 'http://b/', dashboard: 'http://c/' });
  });

  it('must be put out by the stacks', () => {
    expect(() => addressesOf({ BrokerUrl: 'sqs:' }, endpoint)).toThrow('no stack put out ApiUrl, got: BrokerUrl');
  });
});
