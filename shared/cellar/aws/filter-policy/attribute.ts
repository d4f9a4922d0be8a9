/** The message attributes by which SNS routes: what each says of a message, its name and its value. */
import { hash } from 'node:crypto';
import type { Headers } from '../../broker.ts';
import { canonicalJson } from '../../routing/canonical-json.ts';
import type { MessageAttribute } from '../calls.ts';

/** What one attribute says of its message. */
export type AttributeSource =
  /** The routing key, for tests of its beginning or of all of it. */
  | { readonly kind: 'key' }
  /** Its words in reverse, for tests of its end. */
  | { readonly kind: 'reversed' }
  /** How many words it has. */
  | { readonly kind: 'count' }
  /** One word, counted from 0. */
  | { readonly kind: 'word'; readonly from: 'front' | 'back'; readonly place: number }
  | { readonly kind: 'header'; readonly header: string };

/** A message as its attributes are read from it. */
export interface Subject {
  readonly words: readonly string[];
  readonly headers: Headers;
}

/** Longer names and values are replaced by their hash; far below SNS's limits (256 characters of a name). */
const LONGEST = 200;

/**
 * Characters that need no escape in a value. A quotation mark or backslash would have to be escaped twice to match
 * (SNS, "Filter policy constraints"), spaces at an end may be trimmed and control characters are refused.
 */
const PLAIN = /^[!#$&-[\]-~]*$/;
const NOT_PLAIN = /[^!#$&-[\]-~]/g;
/** Letters of a header's name that an attribute's name takes as they are; `_` is the escape. */
const NOT_OF_NAMES = /[^A-Za-z0-9-]/g;

/** Name of the attribute: depends on nothing but its source, so that changed bindings never give one a new meaning. */
export function attributeName(source: AttributeSource): string {
  switch (source.kind) {
    case 'key':
      return 'k';
    case 'reversed':
      return 'r';
    case 'count':
      return 'n';
    case 'word':
      return `${source.from === 'front' ? 'f' : 'b'}${source.place}`;
    case 'header':
      return `h_${shortened(source.header.replace(NOT_OF_NAMES, (letter) => `_${hexOf(letter)}`))}`;
  }
}

/** Words of a routing key; the empty key has none. */
export function wordsOf(key: string): readonly string[] {
  return key === '' ? [] : key.split('.');
}

/** Words as the value of `k` or `r`, or as what such a value begins with. */
export function textOfWords(words: readonly string[]): string {
  return `=${words.map((word) => `${escaped(word)}.`).join('')}`;
}

/** One word as an attribute's value, never empty. */
export function textOfWord(word: string): string {
  return `=${escaped(word)}`;
}

/**
 * A header's value as an attribute's: equal texts, equal values, as a headers exchange compares them. A string begins
 * with `=`, every other value with `:`, so that `"8"` is not `8`.
 */
export function textOfHeader(value: unknown): string {
  return shortened(typeof value === 'string' ? textOfWord(value) : `:${escaped(canonicalJson(value))}`);
}

/** How to read an attribute off a message; `undefined` = the message has none. */
export function attributeReader(source: AttributeSource): (subject: Subject) => MessageAttribute | undefined {
  switch (source.kind) {
    case 'key':
      return ({ words }) => text(textOfWords(words));
    case 'reversed':
      return ({ words }) => text(textOfWords(words.toReversed()));
    case 'count':
      return ({ words }) => ({ DataType: 'Number', StringValue: String(words.length) });
    case 'word':
      return ({ words }) => {
        const word = words.at(source.from === 'front' ? source.place : -1 - source.place);
        return word === undefined ? undefined : text(textOfWord(word));
      };
    case 'header':
      return ({ headers }) => {
        const value = Object.hasOwn(headers, source.header) ? headers[source.header] : undefined;
        return value === undefined ? undefined : text(textOfHeader(value));
      };
  }
}

function text(value: string): MessageAttribute {
  return { DataType: 'String', StringValue: value };
}

function escaped(value: string): string {
  return PLAIN.test(value) ? value : value.replace(NOT_PLAIN, (letter) => `%${hexOf(letter)}`);
}

/** Four digits for each UTF-16 unit: lone surrogates have them too. */
function hexOf(letter: string): string {
  return letter.charCodeAt(0).toString(16).padStart(4, '0');
}

/** No escape and no value begins with `__`, so that a hash is never taken for a text. */
function shortened(value: string): string {
  return value.length <= LONGEST ? value : `__${hash('sha256', value)}`;
}
