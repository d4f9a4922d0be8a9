import { element, setText } from './element.js';

/** The states that a filter offers, in the order of a task's life. */
export const STATES = ['PENDING', 'RECEIVED', 'STARTED', 'RETRY', 'SUCCESS', 'FAILURE', 'REVOKED'];

/** A state as a word with a coloured dot; `revoked` says that a waiting task will not run. */
export function stateChip() {
  const word = element('span');
  const root = element('span.state', {}, word);
  return {
    root,
    update({ state, revoked, dueAtMs, place }) {
      const waits = state === 'PENDING' && place === 'delayed' && dueAtMs !== undefined;
      setText(
        word,
        revoked === true && state === 'PENDING' ? 'to be revoked' : waits ? 'scheduled' : state.toLowerCase(),
      );
      root.dataset.state = waits ? 'SCHEDULED' : STATES.includes(state) ? state : 'CUSTOM';
      root.title = state;
    },
  };
}
