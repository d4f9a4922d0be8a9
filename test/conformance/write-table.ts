/** `npm run docs:brokers`: runs the conformance suite on every broker that is installed and writes its table. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { readRecords } from './record.ts';
import { tableOf, writeTable } from './table.ts';

const folder = mkdtempSync(join(tmpdir(), 'cellar-conformance-record-'));
const suites = ['test/conformance/', 'test/cellar/results/dynamodb.test'];
const env = { ...process.env, CELLAR_CONFORMANCE_RECORD: folder, CELLAR_TEST_SLOW: 'true' };
const { status } = spawnSync('npm', ['test', '--', ...suites, '--testPathIgnorePatterns=suite.test'], {
  stdio: 'inherit',
  env,
});
if (status === 0) writeTable(tableOf(readRecords(folder)));
rmSync(folder, { recursive: true });
process.exitCode = status ?? 1;
