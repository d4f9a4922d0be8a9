import { describe, expect, it } from '@jest/globals';
import { CellarError } from '../../../shared/cellar/errors.ts';
import { parseRedisUrl } from '../../../shared/cellar/results/redis/redis-url.ts';

function faultOf(url: string): CellarError {
  try {
    parseRedisUrl(url);
  } catch (error) {
    if (error instanceof CellarError) return error;
  }
  throw new Error(`${url} was to be refused`);
}

describe('parseRedisUrl', () => {
  it.each([
    ['redis://cache', { host: 'cache', port: 6379, db: 0, keyPrefix: '' }],
    ['redis://cache:6380/3', { host: 'cache', port: 6380, db: 3, keyPrefix: '' }],
    ['redis://:p%40ss@[::1]/', { host: '::1', port: 6379, db: 0, keyPrefix: '', password: 'p@ss' }],
    [
      'redis://me:100%25@cache/1',
      { host: 'cache', port: 6379, db: 1, keyPrefix: '', username: 'me', password: '100%' },
    ],
    ['rediss://cache', { host: 'cache', port: 6379, db: 0, keyPrefix: '', tls: { isVerified: true } }],
    [
      'rediss://cache?ssl_cert_reqs=CERT_NONE',
      { host: 'cache', port: 6379, db: 0, keyPrefix: '', tls: { isVerified: false } },
    ],
    [
      'rediss://cache?ssl_cert_reqs=required&ssl_ca_certs=/etc/ca.pem',
      { host: 'cache', port: 6379, db: 0, keyPrefix: '', tls: { isVerified: true, caFile: '/etc/ca.pem' } },
    ],
  ])('%s', (url, location) => {
    expect(parseRedisUrl(url)).toEqual(location);
  });

  it.each([
    ['shop', 'shop_'],
    ['shop:', 'shop:'],
    ['shop-', 'shop-'],
    ['', ''],
  ])('the key prefix %j is written %j, as Celery does', (given, written) => {
    expect(parseRedisUrl(`redis://cache?global_keyprefix=${given}`).keyPrefix).toBe(written);
  });

  it.each([
    ['http://cache', 'its scheme is http:'],
    ['redis:///0', 'it names no host'],
    ['redis://cache/first', "its path is '/first'"],
    ['redis://cache?db=3', 'it has the option db, allowed: global_keyprefix, ssl_cert_reqs, ssl_ca_certs'],
    ['rediss://cache?ssl_cert_reqs=maybe', 'its ssl_cert_reqs is unknown, allowed: required'],
    ['redis//:secret@', 'the result backend is no URL'],
  ])('%s is refused: %s', (url, sentence) => {
    const error = faultOf(url);
    expect(error.code).toBe('bad-settings');
    expect(error.message).toContain(sentence);
  });

  it('all faults are told at once, none with the password', () => {
    const { message, problems } = faultOf('redis://me:secret@cache/x?y=secret&ssl_cert_reqs=z');
    expect(problems).toHaveLength(3);
    expect(message).not.toContain('secret');
  });
});
