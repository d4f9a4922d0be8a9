/** How a script on the server reads what is stored of a task: `taskMeta`'s and Celery's JSON, without decoding it. */
import { precedence } from '../../result-precedence.ts';

/**
 * Lua: `stateOf(text)` → state, generation, retries; without the two latter where Celery wrote it. Both writers put
 * `status` first; JSON of another form is decoded, and what cannot be has no state.
 */
export const STATE_OF = `
local function stateOf(text)
  local state, generation, retries = string.match(text,
    '^{"status":"([^"\\\\]*)","cellar":{"attempt":%[(%-?%d+),(%-?%d+)%]')
  if state then return state, tonumber(generation), tonumber(retries) end
  state = string.match(text, '^{"status": ?"([^"\\\\]*)"')
  if state then return state end
  local isJson, meta = pcall(cjson.decode, text)
  if not isJson or type(meta) ~= 'table' then return nil end
  local own = type(meta.cellar) == 'table' and meta.cellar.attempt or {}
  return meta.status, own[1], own[2]
end
`;

/** Lua: `rankOf[state]` of the ready states, by their precedence. */
export const READY_RANKS = `
local rankOf = { ${['SUCCESS', 'FAILURE', 'REVOKED'].map((state) => `${state} = ${precedence(state)}`).join(', ')} }
`;
