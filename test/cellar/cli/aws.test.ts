import { describe, expect, it } from '@jest/globals';
import { dataFolder } from './run-cli-here.ts';

const data = dataFolder();
const broker = ['--broker', 'sqs://eu-central-1/123456789012/wine-shop'];
const env = { CELLAR_BROKER_URL: 'memory:', AWS_ENDPOINT_URL: '' };
/** Refused after the broker is open and before anything is sent to AWS. */
const argv = ['purge', 'kitchn', '--yes', ...broker];

describe('a broker on AWS', () => {
  it('is not called unless somebody allows it', async () => {
    const { code, stderr } = await data.cellar(argv, { env });
    expect(stderr).toMatch(
      /would call AWS itself \(account 123456789012, eu-central-1\), allowed: with CELLAR_ALLOW_AWS/,
    );
    expect(code).toBe(2);
  });

  it('is named by its URL, and a wrong one is said', async () => {
    const { code, stderr } = await data.cellar(['inspect', 'queues', '--broker', 'sqs://somewhere/1/x'], { env });
    expect(stderr).toMatch(/the broker URL is 'sqs:\/\/somewhere\/1\/x', allowed: sqs:\/\/<region>/);
    expect(code).toBe(2);
  });

  it('that does not answer is said in one line', async () => {
    const nobody = { ...env, AWS_ENDPOINT_URL: 'http://127.0.0.1:9' };
    const url = `${broker[1]}?create=true`;
    const { code, stderr } = await data.cellar(['inspect', 'queues', '--broker', url], { env: nobody });
    expect(stderr).toMatch(/^cellar: what the topology needs could not be made: .*\n$/);
    expect(code).not.toBe(0);
  });

  it.each([
    ['the flag', ['--aws'], {}],
    ['the setting', [], { CELLAR_ALLOW_AWS: 'true' }],
  ])('is allowed by %s', async (_what, flags, allowed) => {
    const { code, stderr } = await data.cellar([...argv, ...flags], { env: { ...env, ...allowed } });
    expect(stderr).toMatch(/unknown queue 'kitchn', did you mean 'kitchen'/);
    expect(code).toBe(2);
  });
});
