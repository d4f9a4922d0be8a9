/** `npm run bench NAME [-- --json]`: runs one benchmark; without a name, says which there are. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.ts') && file !== 'run.ts')
  .map((file) => file.slice(0, -'.ts'.length));

const [name, ...rest] = process.argv.slice(2);
if (name === undefined || !names.includes(name)) {
  process.stderr.write(
    `bench: ${name === undefined ? 'no name given' : `no benchmark ${name}`}, allowed: ${names.join(', ')}\n`,
  );
  process.exit(2);
}
const { status } = spawnSync(process.execPath, [`${folder}${name}.ts`, ...rest], { stdio: 'inherit' });
process.exit(status ?? 1);
