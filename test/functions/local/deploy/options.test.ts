import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { parseDeployOptions } from '../../../../functions/local/deploy/options.ts';

const command = fileURLToPath(new URL('../../../../functions/local/deploy.ts', import.meta.url));

function deployLocal(parameters: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const env = { ...process.env, ...environment };
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...parameters], { encoding: 'utf8', env });
  return { status, stdout, stderr };
}

describe('the options of deploy:local', () => {
  it('are all off unless given', () => {
    expect(parseDeployOptions([])).toEqual({ json: false, once: false, aws: false, help: false, port: undefined });
    expect(parseDeployOptions(['--once', '--json', '--port', '4566'])).toMatchObject({ once: true, port: 4566 });
  });

  it.each(['0', '65536', 'x', '1.5'])('refuse the port %s', (port) => {
    expect(() => parseDeployOptions(['--port', port])).toThrow(`--port is '${port}', allowed: 1 to 65535`);
  });

  it('are explained by --help, with an example', () => {
    const { status, stdout } = deployLocal(['--help']);
    expect(status).toBe(0);
    expect(stdout).toContain('AWS_ENDPOINT_URL=http://127.0.0.1:4566 npm run deploy:local -- --once');
  });

  it.each([
    [['--port', 'x'], {}, "--port is 'x'"],
    [['--never'], {}, "Unknown option '--never'"],
    [['--once'], {}, '--once needs an emulator that goes on: AWS_ENDPOINT_URL is not set'],
    [[], { AWS_ENDPOINT_URL: 'https://sqs.eu-central-1.amazonaws.com' }, 'allowed: this machine, or any with --aws'],
    [[], { CELLAR_TEST_SERVERS: '/nowhere', PATH: '/usr/bin:/bin' }, 'ministack is not installed'],
  ])('end with 2 and one sentence: %j %j', (parameters, environment, sentence) => {
    const { status, stdout, stderr } = deployLocal(parameters, environment);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(sentence);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});
