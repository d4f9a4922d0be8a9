import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type EmulatorProgram, startEmulatorProcess } from '../../../../functions/local/deploy/emulator-process.ts';
import { until } from '../../../support/running-shop.ts';

/** Starts a function that does not hear SIGTERM, notes its process, and then answers every request. */
const EMULATOR = `
const { spawn } = require('node:child_process');
const deaf = "process.on('SIGTERM', () => undefined); setInterval(() => undefined, 1e6); process.stdout.write('deaf')";
const child = spawn(process.execPath, ['-e', deaf], { stdio: ['ignore', 'pipe', 'ignore'] });
child.stdout.once('data', () => {
  require('node:fs').writeFileSync(process.env.NOTES, String(child.pid));
  console.log('it answers now');
  require('node:http').createServer((request, response) => response.end('{}')).listen(process.env.PORT, '127.0.0.1');
});
`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cellar-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function program(code: string): EmulatorProgram {
  return {
    name: 'test',
    command: process.execPath,
    arguments: ['-e', code],
    environment: (port) => ({ PORT: `${port}`, NOTES: join(folder, 'pid') }),
  };
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false; // no such process
  }
}

describe('an emulator as a process', () => {
  it('is ready when it answers, and ends with everything that it started', async () => {
    const emulator = await startEmulatorProcess(program(EMULATOR));
    const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
    expect(isRunning(pid)).toBe(true);
    expect(emulator.output()).toContain('it answers now');
    await emulator.stop();
    await until(() => !isRunning(pid), 2_000);
    await emulator.stop(); // a second time is nothing
  });

  it('says what it printed when it ends instead', async () => {
    const failing = program("console.error('the port is taken'); process.exit(3)");
    await expect(startEmulatorProcess(failing)).rejects.toThrow(
      'test ended with 3 before it answered: the port is taken',
    );
  });

  it('fails at once where the command is missing', async () => {
    const missing = { ...program(''), command: join(folder, 'nothing') };
    await expect(startEmulatorProcess(missing)).rejects.toThrow('test cannot be run (spawn');
  });
});
