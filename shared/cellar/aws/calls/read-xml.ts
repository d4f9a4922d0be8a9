/** Reads the little XML that AWS answers: elements and text; attributes are skipped. */

export interface XmlElement {
  readonly name: string;
  readonly children: readonly XmlElement[];
  /** Its own text, entities decoded. */
  readonly text: string;
}

/** The declaration, then tags (with attributes), text, or a `<` that begins nothing. */
const DECLARATION = /^\s*<\?[\s\S]*?\?>\s*/;
const TOKEN = /<(\/?)([^\s/>]+)(?:\s+[^\s=>]+\s*=\s*(?:"[^"]*"|'[^']*'))*\s*(\/?)>|([^<]+)|</g;
const ENTITY = /&(?:#x([0-9a-f]+)|#(\d+)|(lt|gt|amp|quot|apos));/gi;
const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function decoded(text: string): string {
  return text.replace(ENTITY, (_all, hex, decimal, name) =>
    name === undefined ? String.fromCodePoint(Number(hex === undefined ? decimal : `0x${hex}`)) : (NAMED[name] ?? ''),
  );
}

/**
 * The root element of a document.
 * @throws SyntaxError where it is cut off or no XML
 */
export function readXml(source: string): XmlElement {
  const top = { name: '', children: [] as XmlElement[], text: '' };
  const open = [top];
  for (const [, closing, name, empty, text] of source.replace(DECLARATION, '').matchAll(TOKEN)) {
    const current = open.at(-1) ?? top;
    if (text !== undefined) current.text += decoded(text);
    else if (name === undefined) throw notXml();
    else if (closing) {
      if (open.length === 1 || open.pop()?.name !== name) throw notXml();
    } else {
      const child = { name, children: [], text: '' };
      current.children.push(child);
      if (!empty) open.push(child);
    }
  }
  const [root] = top.children;
  if (root === undefined || open.length > 1 || top.text.trim() !== '') throw notXml();
  return root;
}

function notXml(): SyntaxError {
  return new SyntaxError('the answer is no XML');
}

/** The first element of that name, in the order of the document. */
export function find(element: XmlElement, name: string): XmlElement | undefined {
  if (element.name === name) return element;
  for (const child of element.children) {
    const found = find(child, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The text of the first element of that name; `''` where there is none. */
export function textOf(element: XmlElement, name: string): string {
  return find(element, name)?.text ?? '';
}
