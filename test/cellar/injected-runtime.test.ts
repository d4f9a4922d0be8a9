import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const root = fileURLToPath(new URL('../../shared/cellar/', import.meta.url));
/** Where the real clock, chance and ids are made. */
const SOURCE = 'clock.ts';
const AMBIENT =
  /\bDate\.now\(|new Date\(\)|\bMath\.random\b|\brandomUUID\b|\bsetTimeout\b|\bsetInterval\b|performance\.now\(/;

describe('the core', () => {
  const files = globSync('**/*.ts', { cwd: root }).filter(
    (file) => file !== SOURCE && !/^(dist|node_modules)\//.test(file),
  );

  it('has sources to look at', () => {
    expect(files.length).toBeGreaterThan(50);
  });

  it.each(files)('%s takes time, chance and ids from its caller', (file) => {
    const lines = readFileSync(`${root}${file}`, 'utf8').split('\n');
    const found = lines.filter((line) => AMBIENT.test(line) && !/^\s*(\*|\/[/*])/.test(line));
    expect(found).toEqual([]);
  });
});
