import { CellarError } from '../errors.ts';

/** Those of a port's members that are methods. */
type MethodName<Port> = keyof { [Name in keyof Port as Port[Name] extends Method ? Name : never]: unknown };
type Method = (...args: never[]) => Promise<unknown>;

/**
 * Methods of a port that is opened at the first call of one of them: `deferred<Port>()(open, ['get', 'put'])`.
 * @throws CellarError `not-supported` from a call where `open` answers that there is none
 */
export function deferred<Port extends object>() {
  return <Name extends MethodName<Port> & keyof Port>(
    open: () => Promise<Port | undefined>,
    names: readonly Name[],
  ): Pick<Port, Name> => {
    const methods = names.map((name) => [
      name,
      async (...args: never[]) => {
        const port = await open();
        if (port === undefined) throw new CellarError('not-supported', `this program has no ${String(name)}`);
        // What the mapped type says of each name: it is a method that answers a promise.
        return await (port[name] as Method)(...args);
      },
    ]);
    return Object.fromEntries(methods);
  };
}
