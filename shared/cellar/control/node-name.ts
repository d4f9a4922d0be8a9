/** Names of worker nodes, as Celery writes them: `name@host` (celery/utils/nodenames.py). */
const DEFAULT_NAME = 'cellar';

/** What `%x` stands for; a process of ours has no index. */
type Letter = 'h' | 'n' | 'd' | 'i' | 'I' | '%';

/**
 * The full name of a node: `mail@%h` → `mail@host.example.com`, `%n` the host's first word, `%d` its domain. Without an
 * `@` it is the host.
 */
export function expandNodeName(text: string | undefined, host: string): string {
  const at = text?.indexOf('@') ?? -1;
  const name = (at < 0 ? '' : text?.slice(0, at)) || DEFAULT_NAME;
  const place = text?.slice(at + 1) || host;
  const dot = host.indexOf('.');
  const [first, domain] = dot < 0 ? [host, ''] : [host.slice(0, dot), host.slice(dot + 1)];
  const meaning: Readonly<Record<Letter, string>> = { h: host, n: first, d: domain, i: '0', I: '', '%': '%' };
  return `${name}@${place}`.replaceAll(/%([hndiI%])/g, (_all, letter: Letter) => meaning[letter]);
}
