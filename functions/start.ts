/** `npm start`: the whole shop on this machine. API, pages, workers, beat and dashboard, on the embedded broker. */
import process from 'node:process';
import { CellarError } from 'cellar';
import { startLocal } from './local/start-local.ts';

/** What a stop may take; the promise to people is 5 s. */
const STOP_WITHIN_MS = 4_500;

try {
  const running = await startLocal(process.env);
  const { shopUrl, dashboardUrl, dataDir } = running;
  process.stdout.write(`ready shop=${shopUrl} dashboard=${dashboardUrl} data=${dataDir}\n`);
  let stopping = false;
  const stop = (): void => {
    if (stopping) process.exit(1);
    stopping = true;
    process.stdout.write('stopping (once more to stop at once)\n');
    setTimeout(() => process.exit(0), STOP_WITHIN_MS).unref();
    void running.stop().then(() => process.exit(0));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
} catch (error) {
  if (!(error instanceof CellarError)) throw error;
  process.stderr.write(`shop: ${error.message}\n`);
  process.exit(2);
}
