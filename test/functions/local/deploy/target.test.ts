import { describe, expect, it } from '@jest/globals';
import { givenTarget } from '../../../../functions/local/deploy/target.ts';

const options = { aws: false, once: false, port: undefined };

describe('where a local deployment goes', () => {
  it.each(['http://127.0.0.1:4566', 'http://localhost:4566', 'http://[::1]:4566', 'http://aws.localhost:4566'])(
    'is an emulator on this machine: %s',
    (endpoint) => {
      expect(givenTarget(`${endpoint}/`, options)).toEqual({ endpoint, isLoopback: true });
    },
  );

  it.each([
    'https://sqs.eu-central-1.amazonaws.com',
    'http://127.0.0.1.example.com',
    'http://192.0.2.1:4566',
    'http://localhost.example.com',
  ])('is never another machine by accident: %s', (endpoint) => {
    expect(() => givenTarget(endpoint, options)).toThrow(`AWS_ENDPOINT_URL is '${endpoint}', allowed: this machine`);
    expect(givenTarget(endpoint, { ...options, aws: true })).toEqual({ endpoint, isLoopback: false });
  });

  it('is not named by an empty variable', () => {
    expect(givenTarget('', options)).toBeUndefined();
    expect(givenTarget(undefined, options)).toBeUndefined();
  });

  it.each(['127.0.0.1:4566', 'ftp://127.0.0.1'])('is an URL: %s is none', (endpoint) => {
    expect(() => givenTarget(endpoint, options)).toThrow('allowed: an URL such as http://127.0.0.1:4566');
  });

  it('has no port of its own beside a given one', () => {
    expect(() => givenTarget('http://127.0.0.1:1', { ...options, port: 4566 })).toThrow(
      '--port is 4566, allowed: none',
    );
  });
});
