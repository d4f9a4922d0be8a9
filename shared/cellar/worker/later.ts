/**
 * What the run of a single task that succeeds does without: results and other endings, workflows, events. A function
 * loads it when something else happens, so that it costs no cold start.
 */
import { withSentEvents } from '../control/sent-events.ts';
import { sendCanvas } from '../send-canvas.ts';
import { concludeWorkflow } from './conclude-workflow.ts';
import { revokedUpdate, updateOf } from './result-update.ts';
import { concludeExecution, payloadMissing, settleFault, settleSurprise } from './settlement.ts';
import * as workflow from './workflow.ts';

export const later = {
  concludeExecution,
  concludeWorkflow,
  payloadMissing,
  revokedUpdate,
  sendCanvas,
  settleFault,
  settleSurprise,
  updateOf,
  withSentEvents,
  workflow,
} as const;
