/**
 * The API's Lambda function of a demonstration (stage dev): it plays the payment provider too, at `/pay/{orderId}`.
 * An entry of its own, so that nothing of it is in the function of production.
 */
import { lambdaHandler } from '../lambda-handler.ts';
import { makeDemoApi } from './demo-api.ts';
import { openApi } from './open-api.ts';

export const handler = lambdaHandler(() => openApi(process.env, makeDemoApi));
