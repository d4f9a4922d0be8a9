/** Opens the dashboard of a Lambda function from its environment. */
import { CellarError, loadSettings } from 'cellar';
import { openClient } from 'cellar/lambda';
import type { Hono } from 'hono';
import { basicAuth } from 'hono/basic-auth';
import { shopTopology } from '../../shared/shop/topology.ts';
import { awsCalls } from '../backing/aws-calls.ts';
import { readSecret } from '../backing/read-secret.ts';
import type { Environment } from '../lambda-handler.ts';
import { makeDashboard } from './app.ts';

/** Whom the password is for. */
export const DASHBOARD_USER = 'cellar';

/**
 * Opens the dashboard behind HTTP Basic; the password is the secret that CELLAR_DASHBOARD_SECRET_ID names.
 *
 * Wrong passwords lock nobody out; how many can be tried is API Gateway's throttle. It answers under any host: API
 * Gateway lets no foreign name in, and a page under one has no password to send along.
 * @throws CellarError `bad-settings`
 */
export async function openDashboard(environment: Environment): Promise<Hono> {
  const { CELLAR_DASHBOARD_SECRET_ID: secretId, ...others } = environment;
  if (!secretId) throw new CellarError('bad-settings', 'CELLAR_DASHBOARD_SECRET_ID is not set');
  const cellar = await openClient({ settings: loadSettings(others), topology: shopTopology });
  const guard = basicAuth({
    username: DASHBOARD_USER,
    password: await readSecret(awsCalls(cellar), secretId),
    realm: 'Cellar dashboard',
    invalidUserMessage: { error: { code: 'unauthorized', message: 'user name and password are needed' } },
  });
  return makeDashboard({ cellar, guard });
}
