/** The brokers of a process, by the scheme of their URL. Each one's code is loaded only when it is asked for. */
import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { withResultBackend } from './open-results.ts';
import type { Opener } from './opener.ts';

/** The file of the embedded broker in the data folder. */
const DATABASE_FILE = 'cellar.db';

const embedded: Opener = async (rest, settings, runtime) => {
  const { openEmbedded } = await import('./brokers/embedded/open-embedded.ts');
  const path = resolve(rest === '' ? join(settings.dataDir, DATABASE_FILE) : rest);
  await mkdir(dirname(path), { recursive: true });
  return openEmbedded({
    path,
    runtime,
    durability: settings.durability,
    resultExpiresSeconds: settings.resultExpiresSeconds,
  });
};

const memory: Opener = async (_rest, settings, runtime) => {
  const { openMemory } = await import('./brokers/memory/open-memory.ts');
  return openMemory({ runtime, resultExpiresSeconds: settings.resultExpiresSeconds });
};

const sqs: Opener = async (_rest, settings, runtime) => {
  const { openAwsProcess } = await import('./open-aws-process.ts');
  return openAwsProcess(settings, runtime);
};

const rabbitmq: Opener = async (_rest, settings, runtime) => {
  const { openRabbitmqProcess } = await import('./open-rabbitmq-process.ts');
  return openRabbitmqProcess(settings, runtime);
};

export const openers: Readonly<Record<string, Opener>> = {
  embedded: withResultBackend('embedded:', embedded),
  memory: withResultBackend('memory:', memory),
  sqs: withResultBackend('dynamodb:', sqs),
  amqp: rabbitmq,
  amqps: rabbitmq,
};
