import type { EmbeddedFile } from './embedded-file.ts';

/** Names that many rows have in common (tasks, queues, workers), stored once and referred to by number. */
export interface Names {
  /** The number of a name, given now if need be; to be called in a write transaction. */
  idOf(name: string): number;
  /** The number of a name, if it has one. */
  find(name: string): number | undefined;
  nameOf(id: number): string;
}

export function openNames({ database, onRollback }: EmbeddedFile): Names {
  const select = database.prepare('SELECT id FROM cellar_names WHERE name = ?');
  const selectById = database.prepare('SELECT name FROM cellar_names WHERE id = ?');
  const insert = database.prepare('INSERT INTO cellar_names (name) VALUES (?)');
  const ids = new Map<string, number>();
  const names = new Map<number, string>();
  // What was given a number in a transaction that came to nothing has none.
  onRollback(() => {
    ids.clear();
    names.clear();
  });

  function remember(id: number, name: string): number {
    ids.set(name, id);
    names.set(id, name);
    return id;
  }

  function find(name: string): number | undefined {
    const id = ids.get(name) ?? select.get(name)?.['id'];
    return id === undefined ? undefined : remember(Number(id), name);
  }

  return {
    find,
    idOf: (name) => find(name) ?? remember(Number(insert.run(name).lastInsertRowid), name),
    nameOf(id) {
      const name = names.get(id) ?? String(selectById.get(id)?.['name'] ?? '');
      remember(id, name);
      return name;
    },
  };
}
