import { createHash } from 'node:crypto';

/** A Lua script that the server runs as one step (redis.io, "Scripting with Lua"). */
export interface Script {
  readonly lua: string;
  /** What the server knows it by, once it has seen it. */
  readonly sha: string;
}

export function script(lua: string): Script {
  return { lua, sha: createHash('sha1').update(lua).digest('hex') };
}
