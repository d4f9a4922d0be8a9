import { echo, sender } from '../../tasks.ts';
import { work } from './worker.ts';

export default work.handle(sender, async ({ send, publish, sendNow, updateState, log }) => {
  log.warn('said in a child');
  await updateState('HALFWAY', { percent: 50, at: new Date(0) });
  return {
    sent: send(echo({ value: 1 }), { queue: 'other' }),
    published: publish('events', 'sold.wine', echo({ value: 2 })),
    now: await sendNow(echo({ value: 3 }), { queue: 'other' }),
  };
});
