/** The API's Lambda function. */
import { lambdaHandler } from '../lambda-handler.ts';
import { openApi } from './open-api.ts';

export const handler = lambdaHandler(() => openApi(process.env));
