import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cellar, loadSettings } from 'cellar';
import { openSqliteStore, type WriteInTransaction } from '../../../shared/shop/stores/sqlite.ts';
import { shopTopology } from '../../../shared/shop/topology.ts';
import { productStoreContract } from '../product-store-contract.ts';
import { type SentByStore, type StoreHarness, storeContract } from '../store-contract.ts';

/** The store on the embedded broker's own transactions, with a record of what they send. */
async function openHarness(): Promise<StoreHarness> {
  const folder = await mkdtemp(join(tmpdir(), 'shop-store-'));
  const settings = loadSettings({ CELLAR_DATA_DIR: folder, CELLAR_LOG_LEVEL: 'error' });
  const clients = [await Cellar.open({ settings, topology: shopTopology })];
  const sent: SentByStore[] = [];
  let dying = false;

  function recording(cellar: Cellar): WriteInTransaction {
    return async (work) => {
      const leaving: SentByStore[] = [];
      const value = await cellar.transaction((transaction) => {
        leaving.length = 0;
        const done = work({
          database: transaction.database,
          send(signature, options) {
            leaving.push({ task: signature.task, args: signature.args, ...(options === undefined ? {} : { options }) });
            return transaction.send(signature, options);
          },
          publish(exchange, routingKey, signature, options) {
            leaving.push({ task: signature.task, args: signature.args, exchange });
            return transaction.publish(exchange, routingKey, signature, options);
          },
        });
        if (!dying) return done;
        dying = false;
        throw new Error('died before the commit');
      });
      sent.push(...leaving);
      return value;
    };
  }

  const [first] = clients;
  if (first === undefined) throw new Error('no client');
  const store = await openSqliteStore(recording(first));
  return {
    store,
    async openAnother() {
      const another = await Cellar.open({ settings, topology: shopTopology });
      clients.push(another);
      return openSqliteStore(recording(another));
    },
    sent: async () => sent,
    dieBeforeCommit() {
      dying = true;
    },
    async close() {
      await store.close();
      await Promise.all(clients.map((client) => client.close()));
      await rm(folder, { recursive: true });
    },
  };
}

storeContract('SQLite', openHarness);
productStoreContract('SQLite', openHarness);
