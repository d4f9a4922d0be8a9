/** The Lambda function that serves the shop's pages where no CloudFront does: on an emulator, or a stage without one. */
import { Hono } from 'hono';
import { securityHeaders } from '../api/pages/security-headers.ts';
import { staticPages } from '../api/pages/static-pages.ts';
import { lambdaHandler } from '../lambda-handler.ts';

export const handler = lambdaHandler(async () => {
  const app = new Hono();
  app.use(securityHeaders);
  app.route('/', staticPages({ isLocal: false }));
  return app;
});
