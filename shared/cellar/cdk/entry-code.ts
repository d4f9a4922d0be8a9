/** Entry files of functions, written at deploy time: what autodiscovery is at run time elsewhere. */
import { dirname, relative } from 'node:path';
import type { Entry } from './bundle.ts';

/**
 * The entry of one queue's worker: every handler of its folder, the application's topology, nothing else.
 * @param appModule path of the module that exports `app`
 * @param files paths of the handlers' modules
 */
export function workerEntry(appModule: string, files: readonly string[]): Entry {
  const names = files.map((_, index) => `handler${index}`);
  return entry(appModule, 'lambdaWorker', {
    imports: files.map((file, index) => `import ${names[index]} from '${specifier(appModule, file)}';`),
    options: `topology: app.topology, handlers: [${names.join(', ')}]`,
  });
}

/** The entry of the function that takes delayed messages to their queues: each says which is its own. */
export function forwarderEntry(appModule: string): Entry {
  const code = "import { forwarderHandler } from 'cellar/lambda';\nexport const handler = forwarderHandler();\n";
  return { code, folder: dirname(appModule) };
}

/** The entry of the function that sends periodic tasks. */
export function beatEntry(appModule: string): Entry {
  return entry(appModule, 'beatHandler', { imports: [], options: 'topology: app.topology' });
}

function entry(
  appModule: string,
  make: string,
  { imports, options }: { readonly imports: readonly string[]; readonly options: string },
): Entry {
  const code = [
    `import { ${make} } from 'cellar/lambda';`,
    `import { app } from '${specifier(appModule, appModule)}';`,
    ...imports,
    `export const handler = ${make}({ ${options} });`,
  ];
  return { code: `${code.join('\n')}\n`, folder: dirname(appModule) };
}

function specifier(appModule: string, file: string): string {
  return `./${relative(dirname(appModule), file).replaceAll('\\', '/')}`;
}
