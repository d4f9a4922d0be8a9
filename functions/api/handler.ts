/** The API's Lambda function. */
import process from 'node:process';
import { lambdaHandler } from '../lambda-handler.ts';
import { openApi } from './open-api.ts';

export const handler = lambdaHandler(() => openApi(process.env));
