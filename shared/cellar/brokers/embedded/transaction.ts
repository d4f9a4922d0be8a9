import type { BackendTransaction, RunTransaction } from '../../backend.ts';
import { CellarError } from '../../errors.ts';
import type { Refusal } from '../plan-publish.ts';
import type { EmbeddedFile } from './embedded-file.ts';
import type { PlannedMessage, Publisher } from './publish.ts';

type Attempted<T> = { readonly value: T } | { readonly error: unknown };

/** Application writes and publishes in one savepoint of the common transaction, undone alone when the work throws. */
export function openTransactions({ database, write }: EmbeddedFile, publisher: Publisher): RunTransaction {
  const savepoint = database.prepare('SAVEPOINT cellar_work');
  const keep = database.prepare('RELEASE cellar_work');
  const undo = database.prepare('ROLLBACK TO cellar_work');

  const transaction: BackendTransaction = {
    database,
    publish(messages) {
      publisher.insert(publisher.plan(messages).map(acceptable));
    },
  };

  function attempt<T>(work: (transaction: BackendTransaction) => T): Attempted<T> {
    savepoint.run();
    try {
      const value = work(transaction);
      refuseAsynchronous(value);
      keep.run();
      return { value };
    } catch (error) {
      // Without a transaction the work ended it by itself, and with it what others wrote: all of them must hear of it.
      if (!database.isTransaction) throw error;
      undo.run();
      keep.run();
      return { error };
    }
  }

  return async (work) => {
    const attempted = await write(() => attempt(work));
    if ('error' in attempted) throw attempted.error;
    return attempted.value;
  };
}

function acceptable(planned: PlannedMessage | Refusal): PlannedMessage {
  if ('status' in planned) throw new CellarError(planned.code, planned.reason);
  return planned;
}

function refuseAsynchronous(value: unknown): void {
  if (!(value instanceof Promise)) return;
  value.catch(() => undefined);
  throw new CellarError('bad-arguments', 'the work of a transaction answered a promise; it must be synchronous');
}
