/** `npm run deploy:local`: the whole system as `cdk deploy` makes it, in an emulator of AWS on this machine. */
import { once } from 'node:events';
import process from 'node:process';
import { addressesOf, allOutputs } from './deploy/addresses.ts';
import { type DeployTarget, deployAll } from './deploy/cdk.ts';
import { type EmulatorProcess, startEmulatorProcess } from './deploy/emulator-process.ts';
import { findMinistack, ministackProgram } from './deploy/ministack.ts';
import { type DeployOptions, DeployUsageError, parseDeployOptions, USAGE } from './deploy/options.ts';
import { closeQueueGaps, queueGaps } from './deploy/queue-gaps.ts';
import { makeReport, type Report } from './deploy/report.ts';
import { givenTarget } from './deploy/target.ts';

const INSTALL =
  'ministack is not installed, allowed: one that .ci/servers or `pip install ministack==1.4.21` installed';

/** The first Ctrl-C asks for the end, the second one does not wait for it. */
const ending = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => (ending.signal.aborted ? process.exit(1) : ending.abort()));
}

async function main(): Promise<void> {
  const options = parseDeployOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(USAGE);
    return;
  }
  const report = makeReport(options.json, process.stdout);
  const target = givenTarget(process.env.AWS_ENDPOINT_URL, options);
  const emulator = target === undefined ? await startMinistack(options, report) : undefined;
  try {
    await deploy(target ?? { endpoint: emulator?.endpoint ?? '', isLoopback: true }, report);
    if (!options.once && !ending.signal.aborted) await once(ending.signal, 'abort');
  } finally {
    await emulator?.stop();
  }
}

async function startMinistack({ port }: DeployOptions, report: Report): Promise<EmulatorProcess> {
  const command = findMinistack(process.env);
  if (command === undefined) throw new DeployUsageError(INSTALL);
  const emulator = await startEmulatorProcess(ministackProgram(command), port);
  report.step(`ministack at ${emulator.endpoint}`);
  return emulator;
}

async function deploy(target: DeployTarget, report: Report): Promise<void> {
  const deployment = await deployAll(target, { onStep: report.step, signal: ending.signal });
  const gaps = queueGaps(deployment.templates);
  await closeQueueGaps(target.endpoint, gaps);
  report.step(`set what the emulator left out of ${gaps.length} queues`);
  const outputs = allOutputs(deployment);
  report.ready(addressesOf(outputs, target.endpoint), outputs);
}

try {
  await main();
} catch (error) {
  if (!ending.signal.aborted) {
    process.stderr.write(`deploy:local: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = error instanceof DeployUsageError ? 2 : 1;
  }
}
