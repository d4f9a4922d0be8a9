/** AWS's calls for the shop's own data, at the place that the broker's URL names. */
import process from 'node:process';
import type { Cellar } from 'cellar';
import { type AwsCalls, openAwsCalls, parseAwsUrl } from 'cellar/aws';

const opened = new WeakMap<Cellar, AwsCalls>();

/** One for each client: store, files and mails share its connections. */
export function awsCalls(cellar: Cellar): AwsCalls {
  const known = opened.get(cellar);
  if (known !== undefined) return known;
  const location = parseAwsUrl(cellar.settings.brokerUrl, process.env.AWS_ENDPOINT_URL);
  const calls = openAwsCalls(location, cellar.runtime);
  opened.set(cellar, calls);
  return calls;
}
