/** One deployment of the shop: its stage, its names and what is chosen on the command line (`cdk -c name=value`). */
import process from 'node:process';
import { RemovalPolicy } from 'aws-cdk-lib';
import { CellarError } from 'cellar';
import { type Application, readApplication } from 'cellar/cdk';
import type { Node } from 'constructs';

export interface Deployment {
  readonly stage: 'dev' | 'prod';
  /** What all names begin with. */
  readonly prefix: string;
  readonly application: Application;
  /** Of everything that holds data. */
  readonly removalPolicy: RemovalPolicy;
  /** Whether CloudFront serves the pages; else a function does, behind the API's address. */
  readonly cdn: boolean;
  /** Another site whose pages may call the API, such as `https://shop.example.com`; those behind CloudFront need not ask. */
  readonly webOrigin: string | undefined;
  /** Sender of the shop's mails: an address, or one of a domain, that SES has verified. */
  readonly mailFrom: string;
}

const STAGES = ['dev', 'prod'] as const;
const APP_MODULE = new URL('../functions/app.ts', import.meta.url).href;
const ORIGIN = /^https:\/\/[a-z0-9.-]+(:\d+)?$/;
const ADDRESS = /^[^\s@<>"]+@[^\s@<>"]+$/;

/**
 * Reads the context of the command line and the application.
 * @throws CellarError `bad-settings` for a value that is not allowed; `bad-topology` for an application that AWS cannot hold
 */
export async function readDeployment(node: Node): Promise<Deployment> {
  const stage = chosen(node, 'stage', STAGES) ?? 'dev';
  const prefix = `wine-shop-${stage}`;
  const mailFrom: unknown = node.tryGetContext('mailFrom') ?? 'admin@myshop.com';
  if (typeof mailFrom !== 'string' || !ADDRESS.test(mailFrom)) {
    throw refused(`mailFrom is ${JSON.stringify(mailFrom)}, allowed: one address (-c mailFrom=shop@example.com)`);
  }
  const webOrigin: unknown = node.tryGetContext('webOrigin');
  if (webOrigin !== undefined && !ORIGIN.test(String(webOrigin))) {
    throw refused(
      `webOrigin is ${JSON.stringify(webOrigin)}, allowed: an origin (-c webOrigin=https://shop.example.com)`,
    );
  }
  // An emulator of AWS has no CloudFront.
  const cdn = chosen(node, 'cdn', ['true', 'false']) ?? (process.env.AWS_ENDPOINT_URL ? 'false' : 'true');
  return {
    stage,
    prefix,
    application: await readApplication({ appModule: APP_MODULE, prefix }),
    removalPolicy: stage === 'prod' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    cdn: cdn === 'true',
    webOrigin: webOrigin === undefined ? undefined : String(webOrigin),
    mailFrom,
  };
}

function chosen<Value extends string>(node: Node, name: string, allowed: readonly Value[]): Value | undefined {
  const value: unknown = node.tryGetContext(name);
  if (value === undefined) return undefined;
  const found = allowed.find((candidate) => candidate === String(value));
  if (found !== undefined) return found;
  throw refused(`${name} is ${JSON.stringify(value)}, allowed: ${allowed.join(', ')} (-c ${name}=${allowed[0]})`);
}

function refused(message: string): CellarError {
  return new CellarError('bad-settings', message);
}
