/** The Lambda functions that an emulator has: enough of Lambda's API (2015-03-31) to break one and mend it. */
import { emulatedCredential } from '../../../functions/local/deploy/emulator-request.ts';

type Variables = Readonly<Record<string, string>>;

interface FunctionConfiguration {
  readonly FunctionName: string;
  readonly Environment?: { readonly Variables?: Variables };
}

export interface EmulatedFunctions {
  /** All names. */
  names(): Promise<readonly string[]>;
  /** The one name that has this in it. */
  named(part: string): Promise<string>;
  environment(name: string): Promise<Variables>;
  /** Replaces the environment; the next event meets a new process. */
  setEnvironment(name: string, variables: Variables): Promise<void>;
  /** Calls it with an event, and answers what it answered. */
  invoke(name: string, event: object): Promise<unknown>;
  /** The zip file that was deployed. */
  code(name: string): Promise<Buffer>;
}

export function emulatedFunctions(endpoint: string): EmulatedFunctions {
  const call = async <Answer>(path: string, init: RequestInit = {}): Promise<Answer> => {
    const headers = { authorization: emulatedCredential('lambda'), 'content-type': 'application/json' };
    const response = await fetch(`${endpoint}/2015-03-31/functions${path}`, { ...init, headers });
    if (!response.ok) throw new Error(`functions${path} answered ${response.status}: ${await response.text()}`);
    return response.json() as Promise<Answer>;
  };
  const names = async () => {
    const { Functions } = await call<{ readonly Functions: readonly FunctionConfiguration[] }>('/');
    return Functions.map(({ FunctionName }) => FunctionName);
  };
  return {
    names,
    async named(part) {
      const [name, ...others] = (await names()).filter((candidate) => candidate.includes(part));
      if (name === undefined || others.length > 0) throw new Error(`not one function has '${part}' in its name`);
      return name;
    },
    async environment(name) {
      const { Environment } = await call<FunctionConfiguration>(`/${name}/configuration`);
      return Environment?.Variables ?? {};
    },
    async setEnvironment(name, Variables) {
      const body = JSON.stringify({ Environment: { Variables } });
      await call(`/${name}/configuration`, { method: 'PUT', body });
    },
    invoke: (name, event) => call(`/${name}/invocations`, { method: 'POST', body: JSON.stringify(event) }),
    async code(name) {
      const { Code } = await call<{ readonly Code: { readonly Location: string } }>(`/${name}`);
      const { pathname, search } = new URL(Code.Location);
      return Buffer.from(await (await fetch(`${endpoint}${pathname}${search}`)).arrayBuffer());
    },
  };
}
