/** Clients and workers on a harness, through the library's public entry. */
import { type BoundHandler, Cellar, loadSettings, type Topology } from 'cellar';
import { collectingLog } from '../cellar/worker/rig.ts';
import type { Harness } from './harness.ts';

/** Runs with a client of the harness's backend, which stays open after it. */
export async function withCellar<Result>(
  { backend }: Pick<Harness, 'backend'>,
  options: {
    readonly topology: Topology;
    readonly handlers?: readonly BoundHandler[];
    readonly environment?: Readonly<Record<string, string>>;
  },
  use: (cellar: Cellar) => Promise<Result>,
): Promise<Result> {
  const { topology, handlers = [], environment = {} } = options;
  const settings = loadSettings(environment);
  const cellar = await Cellar.open({ backend, topology, handlers, settings, log: collectingLog().log });
  try {
    return await use(cellar);
  } finally {
    await cellar.close();
  }
}
