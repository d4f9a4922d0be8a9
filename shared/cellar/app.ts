/** An application, as commands and runtimes find it: its topology and where its workers are. */
import type { AnyTask } from './task.ts';
import type { Topology } from './topology.ts';

export interface App {
  readonly topology: Topology;
  /** Holds one folder a queue; absolute path or file URL. @default none: it only sends */
  readonly workersFolder?: string;
  /** Contracts that no worker of this application handles, so that they can be sent by name. @default none */
  readonly contracts?: readonly AnyTask[];
}

/** Declares the application that `cellar --app` runs: `export const app = defineApp({ topology, workersFolder })`. */
export function defineApp(app: App): App {
  return app;
}
