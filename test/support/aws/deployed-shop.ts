/** The whole shop as `npm run deploy:local` puts it into ministack: each test file deploys once. */
import { spawn } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { TaskView } from 'cellar';
import type { Addresses } from '../../../functions/local/deploy/addresses.ts';
import { emulatorRequest } from '../../../functions/local/deploy/emulator-request.ts';
import { type PlacedOrder, postOrder } from '../running-shop.ts';
import { startEmulator } from './emulator.ts';
import { startRecordingProxy } from './recording-proxy.ts';
import { SEND_EMAIL, type SentMail, sentMail } from './sent-mail.ts';

const DEPLOY = fileURLToPath(new URL('../../../functions/local/deploy.ts', import.meta.url));

export interface DeployedShop extends Addresses {
  readonly endpoint: string;
  /** What the stacks put out, by name. */
  readonly outputs: Readonly<Record<string, string>>;
  /** What the payment provider signs with. */
  readonly webhookSecret: string;
  /** The mails that SES took. */
  mails(): readonly SentMail[];
  /** What opens the dashboard. */
  readonly dashboardHeaders: { readonly authorization: string };
  /** Asks the dashboard, such as `tasks?state=SUCCESS`. */
  ask<Answer>(path: string): Promise<Answer>;
  /** What the dashboard shows of tasks. */
  tasks(query: string): Promise<readonly TaskView[]>;
  /** What the emulator printed, the functions' logs among it. */
  output(): string;
  stop(): Promise<void>;
}

/** @throws Error with what the deployment printed */
export async function deployShop(): Promise<DeployedShop> {
  const proxy = await startRecordingProxy((path) => path === SEND_EMAIL);
  const emulator = await startEmulator('ministack', { AWS_ENDPOINT_URL: proxy.url });
  const { endpoint, output } = emulator;
  proxy.forwardTo(endpoint);
  const mails = () => proxy.recorded().map(sentMail);
  const stop = async () => {
    await emulator.stop();
    await proxy.stop();
  };
  try {
    const deployed = await deployInto(endpoint);
    const webhookSecret = await secretNamed(endpoint, 'webhook');
    const password = await secretNamed(endpoint, 'dashboard');
    const dashboardHeaders = { authorization: `Basic ${Buffer.from(`cellar:${password}`).toString('base64')}` };
    const ask = <Answer>(path: string) => answerOf<Answer>(`${deployed.dashboard}api/${path}`, dashboardHeaders);
    const tasks = async (query: string) => (await ask<{ readonly tasks: readonly TaskView[] }>(`tasks?${query}`)).tasks;
    return { ...deployed, endpoint, webhookSecret, dashboardHeaders, mails, ask, tasks, output, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Deployed = Addresses & Pick<DeployedShop, 'outputs'>;

/** Runs the command as a person would, and reads its last line. */
async function deployInto(endpoint: string): Promise<Deployed> {
  const child = spawn(process.execPath, [DEPLOY, '--once', '--json'], {
    env: { ...process.env, AWS_ENDPOINT_URL: endpoint },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const code = await new Promise((resolve) => child.once('close', resolve));
  const last = text.trim().split('\n').at(-1) ?? '';
  if (code !== 0 || !last.startsWith('{"event":"ready"')) throw new Error(`deploy:local ended with ${code}: ${text}`);
  const { event: _, ...deployed }: Deployed & { readonly event: string } = JSON.parse(last);
  return deployed;
}

/** The value of the one secret whose name has this in it. */
async function secretNamed(endpoint: string, part: string): Promise<string> {
  const { SecretList } = (await emulatorRequest(endpoint, 'secretsmanager:ListSecrets', {})) as {
    readonly SecretList: readonly { readonly Name: string }[];
  };
  const names = SecretList.map(({ Name }) => Name).filter((name) => name.includes(part));
  if (names.length !== 1) throw new Error(`secrets with '${part}' in their names: ${names.join(', ')}; expected one`);
  const { SecretString } = (await emulatorRequest(endpoint, 'secretsmanager:GetSecretValue', {
    SecretId: names[0],
  })) as { readonly SecretString: string };
  return SecretString;
}

async function answerOf<Answer>(url: string, headers: Readonly<Record<string, string>>): Promise<Answer> {
  const response = await fetch(url, { headers: { ...headers, accept: 'application/json' } });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return response.json() as Promise<Answer>;
}

/** Places an order, and throws where it is not taken. */
export async function placeOrder({ api }: DeployedShop, key: string): Promise<PlacedOrder> {
  const response = await postOrder(api, key);
  if (response.status !== 201) throw new Error(`the order answered ${response.status}: ${await response.text()}`);
  return response.json() as Promise<PlacedOrder>;
}
