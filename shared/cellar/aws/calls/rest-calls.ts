/** What a worker that only computes never calls, and what makes an error of an answer: apart, so that it costs no cold start. */
import { answerError } from './answer-error.ts';
import {
  deleteObjectRequest,
  getObjectRequest,
  listObjectsRequest,
  objectOf,
  objectsOf,
  putObjectRequest,
} from './object-requests.ts';
import { publishBatchRequest, publishBatchResult } from './publish-batch.ts';
import { schedulerRequests, sendEmailRequest } from './rest-requests.ts';

export const restCalls = {
  answerError,
  publishBatchRequest,
  publishBatchResult,
  putObjectRequest,
  getObjectRequest,
  deleteObjectRequest,
  listObjectsRequest,
  objectOf,
  objectsOf,
  schedulerRequests,
  sendEmailRequest,
} as const;
