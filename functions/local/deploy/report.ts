/** What `npm run deploy:local` prints: lines for people, or for programs. */
import type { Addresses } from './addresses.ts';

export interface Report {
  /** Something has begun or is done. */
  step(text: string): void;
  /** The system answers. Programs get the stacks' outputs as well. */
  ready(addresses: Addresses, outputs: Readonly<Record<string, string>>): void;
}

export function makeReport(json: boolean, out: { write(text: string): unknown }): Report {
  const line = (event: object) => out.write(`${JSON.stringify(event)}\n`);
  if (json) {
    return {
      step: (text) => line({ event: 'step', text }),
      ready: (addresses, outputs) => line({ event: 'ready', ...addresses, outputs }),
    };
  }
  return {
    step: (text) => out.write(`${text}\n`),
    ready: ({ api, web, dashboard }) => out.write(`ready api=${api} web=${web} dashboard=${dashboard}\n`),
  };
}
