import type { Backend } from './backend.ts';
import type { Runtime } from './clock.ts';
import type { Settings } from './settings.ts';

/** Opens the broker of one URL scheme; `rest` is what stands behind `<scheme>:` in the settings' broker URL. */
export type Opener = (rest: string, settings: Settings, runtime: Runtime) => Promise<Backend>;
