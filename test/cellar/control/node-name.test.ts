import { describe, expect, it } from '@jest/globals';
import { expandNodeName } from '../../../shared/cellar/control/node-name.ts';

/** As `celery worker -n` expands them, but for the default name. */
const names: readonly (readonly [string | undefined, string])[] = [
  [undefined, 'cellar@mail.example.com'],
  ['', 'cellar@mail.example.com'],
  ['w1@%h', 'w1@mail.example.com'],
  ['w1@%n', 'w1@mail'],
  ['w1@%d', 'w1@example.com'],
  ['w%i%I@%h', 'w0@mail.example.com'],
  ['%%@%h', '%@mail.example.com'],
  ['w1@', 'w1@mail.example.com'],
  ['elsewhere', 'cellar@elsewhere'],
  ['w1@a@b', 'w1@a@b'],
];

describe('the name of a node', () => {
  it.each(names)('%j is %s', (text, name) => {
    expect(expandNodeName(text, 'mail.example.com')).toBe(name);
  });
});
