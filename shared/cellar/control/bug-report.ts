/** What a node answers to `report`: its software and settings as text (celery/app/utils.py `bugreport`). */
import { arch, release, type as systemName } from 'node:os';
import process from 'node:process';
import { repr } from '../celery/python-repr.ts';
import type { NodeContext } from './command.ts';
import { shownSettings } from './shown-settings.ts';

export function bugReport({ cellar, version }: NodeContext): string {
  const settings = shownSettings(cellar.settings);
  const lines = Object.entries(settings).map(([name, value]) => `${name}: ${repr(value)}`);
  const transport = cellar.settings.brokerUrl.split(':', 1)[0];
  return [
    '',
    `software -> cellar:${version} node:${process.versions.node}`,
    `platform -> system:${systemName()} arch:${arch()}`,
    `            kernel version:${release()} imp:Node.js`,
    `settings -> transport:${transport} results:${settings.result_backend ?? "the broker's own"}`,
    '',
    ...lines,
    '',
  ].join('\n');
}
