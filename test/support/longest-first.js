/** Starts the test files that take longest first, so that no long one is left alone at the end of a run. */
import { statSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folders and files under `test/` whose tests mostly wait, longest first. */
const LONG = [
  'conformance/aws.slow',
  'conformance/aws',
  'e2e/aws-purchase',
  'watchdog/',
  'kill/',
  'interop/',
  'fuzz/',
  'lambda-runtime/bundles',
  'conformance/rabbitmq',
  'e2e/',
  'functions/local/deploy/deploy',
  'cellar/control',
  'cellar/brokers/',
  'cellar/cdk/',
  'infra/',
  'package/',
];
const folder = fileURLToPath(new URL('..', import.meta.url));

function rank({ path }) {
  const place = LONG.findIndex((beginning) => relative(folder, path).startsWith(beginning));
  return place === -1 ? LONG.length : place;
}

/** What Jest asks of a sequencer. */
export default class LongestFirst {
  sort(tests) {
    const sizes = new Map(tests.map(({ path }) => [path, statSync(path).size]));
    return tests.toSorted((one, other) => rank(one) - rank(other) || sizes.get(other.path) - sizes.get(one.path));
  }

  shard(tests, { shardIndex, shardCount }) {
    return this.sort(tests).filter((_, place) => place % shardCount === shardIndex - 1);
  }

  allFailedTests(tests) {
    return tests;
  }

  cacheResults() {}
}
