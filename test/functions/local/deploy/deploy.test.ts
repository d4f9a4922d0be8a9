/** `npm run deploy:local` as a person runs it: it starts the emulator, says what it does, and stays until Ctrl-C. */
import { type ChildProcess, spawn } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { makesQueue } from '../../../../functions/local/deploy/emulator-process.ts';
import { hasEmulator } from '../../../support/aws/emulator.ts';
import { until } from '../../../support/running-shop.ts';

const COMMAND = fileURLToPath(new URL('../../../../functions/local/deploy.ts', import.meta.url));
const DEPLOY_WITHIN_MS = 300_000;
const BOOTSTRAP_WITHIN_MS = 120_000;
const STOP_WITHIN_MS = 10_000;

let child: ChildProcess;
let printed = '';

function start(): void {
  printed = '';
  child = spawn(process.execPath, [COMMAND], { stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (printed += chunk));
}

/** Stops it as Ctrl-C does; answers its exit code. */
async function stop(): Promise<number | null> {
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  child.kill('SIGINT');
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  const code = await ended;
  clearTimeout(late);
  return code;
}

(hasEmulator('ministack') ? describe : describe.skip)('deploy:local', () => {
  afterEach(async () => {
    if (child.exitCode === null && child.signalCode === null) await stop();
  });

  it(
    'says what it does and where all answers, and ends at Ctrl-C with the emulator',
    async () => {
      start();
      const ready = await until(() => {
        if (child.exitCode !== null) throw new Error(printed);
        return /^ready api=(\S+) web=(\S+) dashboard=(\S+)$/m.exec(printed);
      }, DEPLOY_WITHIN_MS);
      const [, api, web = '', dashboard = ''] = ready;
      const [, endpoint = ''] = /^ministack at (\S+)$/m.exec(printed) ?? [];
      for (const stack of ['messaging', 'storage', 'workers', 'api', 'dashboard']) {
        expect(printed).toContain(`deployed wine-shop-dev-${stack}\n`);
      }
      expect((await fetch(`${api}/api/wines`)).status).toBe(200);
      expect((await fetch(dashboard)).status).toBe(401);
      expect(new URL(web).hostname).toMatch(/^\w+\.execute-api\.localhost$/);
      expect(await stop()).toBe(0);
      expect(await makesQueue(endpoint)).toBe(false);
    },
    DEPLOY_WITHIN_MS + 30_000,
  );

  it(
    'ends at Ctrl-C while it deploys, and says nothing more',
    async () => {
      start();
      await until(() => printed.includes('cdk deploy --all\n'), BOOTSTRAP_WITHIN_MS);
      const [, endpoint = ''] = /^ministack at (\S+)$/m.exec(printed) ?? [];
      expect(await stop()).toBe(0);
      expect(printed.trim().split('\n').at(-1)).toBe('cdk deploy --all');
      expect(await makesQueue(endpoint)).toBe(false);
    },
    BOOTSTRAP_WITHIN_MS + 30_000,
  );
});
