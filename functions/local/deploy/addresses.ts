/** Where a deployed system answers, read from what its stacks put out, as this machine reaches it. */
import type { Deployment } from './cdk.ts';

export interface Addresses {
  readonly api: string;
  readonly web: string;
  readonly dashboard: string;
}

/** The names of the stacks' outputs. */
const OUTPUTS = { api: 'ApiUrl', web: 'WebUrl', dashboard: 'DashboardUrl' } as const;

/** An address as API Gateway gives it, such as `https://ab12cd34.execute-api.eu-central-1.amazonaws.com/`. */
const API_GATEWAY = /^https?:\/\/([a-z0-9]+)\.execute-api\.[^/]+(\/.*)?$/;

/** @throws Error where a stack put no such address out */
export function addressesOf({ outputs }: Pick<Deployment, 'outputs'>, endpoint: string): Addresses {
  const values = Object.assign({}, ...Object.values(outputs)) as Readonly<Record<string, string>>;
  const address = (name: keyof typeof OUTPUTS) => {
    const value = values[OUTPUTS[name]];
    if (value === undefined)
      throw new Error(`no stack put out ${OUTPUTS[name]}, got: ${Object.keys(values).join(', ')}`);
    return locally(value, endpoint);
  };
  return { api: address('api').replace(/\/$/, ''), web: address('web'), dashboard: address('dashboard') };
}

/** Emulators answer for API Gateway's host names by path, too: not every program resolves names under localhost. */
function locally(address: string, endpoint: string): string {
  const [, id, path = '/'] = API_GATEWAY.exec(address) ?? [];
  return id === undefined ? address : `${endpoint}/_aws/execute-api/${id}/$default${path}`;
}
