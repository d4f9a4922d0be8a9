/**
 * What the run of a single task that succeeds does without: results and other endings, workflows, events. A function
 * loads it when something else happens, so that it costs no cold start.
 */
import { decodeForeign } from '../celery/foreign-message.ts';
import { tellNodes } from '../control/ask-nodes.ts';
import { withSentEvents } from '../control/sent-events.ts';
import { sendCanvas } from '../send-canvas.ts';
import { builtInOf } from './built-ins/built-ins.ts';
import { concludeWorkflow } from './conclude-workflow.ts';
import { revokedUpdate, updateOf } from './result-update.ts';
import { concludeExecution, payloadMissing, settleFault, settleSurprise } from './settlement.ts';
import { abandonedSteps, afterFailure, afterSuccess, followersOf, wholeOutbox } from './workflow.ts';

export const later = {
  builtInOf,
  concludeExecution,
  concludeWorkflow,
  decodeForeign,
  payloadMissing,
  revokedUpdate,
  sendCanvas,
  settleFault,
  settleSurprise,
  tellNodes,
  updateOf,
  withSentEvents,
  workflow: { abandonedSteps, afterFailure, afterSuccess, followersOf, wholeOutbox },
} as const;
