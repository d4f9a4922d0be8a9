/** AWS's calls on ministack, for the shop's tests. */
import { systemRuntime } from 'cellar';
import { type AwsCalls, openAwsCalls } from 'cellar/aws';
import { EMULATED_ACCOUNT, EMULATED_REGION, startEmulator } from '../support/aws/emulator.ts';

export interface EmulatedAws {
  readonly endpoint: string;
  readonly calls: AwsCalls;
  stop(): Promise<void>;
}

export async function startEmulatedAws(): Promise<EmulatedAws> {
  const { endpoint, stop } = await startEmulator('ministack');
  const calls = openAwsCalls(
    { region: EMULATED_REGION, account: EMULATED_ACCOUNT, prefix: 'shop', endpoint },
    systemRuntime,
  );
  return {
    endpoint,
    calls,
    async stop() {
      calls.close();
      await stop();
    },
  };
}
