/** The dashboard's Lambda function. */
import { lambdaHandler } from '../lambda-handler.ts';
import { openDashboard } from './open-dashboard.ts';

export const handler = lambdaHandler(() => openDashboard(process.env));
