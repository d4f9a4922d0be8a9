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

/** What all stacks put out, by name. */
export function allOutputs({ outputs }: Pick<Deployment, 'outputs'>): Readonly<Record<string, string>> {
  return Object.assign({}, ...Object.values(outputs));
}

/**
 * @param outputs what all stacks put out
 * @throws Error where there is no such address
 */
export function addressesOf(outputs: Readonly<Record<string, string>>, endpoint: string): Addresses {
  const address = (name: keyof typeof OUTPUTS) => {
    const value = outputs[OUTPUTS[name]];
    if (value !== undefined) return value;
    throw new Error(`no stack put out ${OUTPUTS[name]}, got: ${Object.keys(outputs).join(', ')}`);
  };
  return {
    api: byPath(address('api'), endpoint).replace(/\/$/, ''),
    web: byHost(address('web'), endpoint),
    dashboard: byPath(address('dashboard'), endpoint),
  };
}

/** For every program: not all of them resolve names below localhost. */
function byPath(address: string, endpoint: string): string {
  const [, id, path = '/'] = API_GATEWAY.exec(address) ?? [];
  return id === undefined ? address : `${endpoint}/_aws/execute-api/${id}/$default${path}`;
}

/** For browsers, which all resolve names below localhost: the shop's pages expect to be at the root of their host. */
function byHost(address: string, endpoint: string): string {
  const [, id, path = '/'] = API_GATEWAY.exec(address) ?? [];
  return id === undefined ? address : `http://${id}.execute-api.localhost:${new URL(endpoint).port}${path}`;
}
