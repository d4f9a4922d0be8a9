/** AWS's calls for the shop's own data, at the place that the broker's URL names. */
import { type AwsCalls, openAwsCalls, parseAwsUrl } from 'cellar/aws';
import type { Preparer } from 'cellar/lambda';

/** What is read of a client. */
type Located = Pick<Preparer, 'settings' | 'runtime'>;

const opened = new WeakMap<Located, AwsCalls>();

/** One for each client: store, files and mails share its connections. */
export function awsCalls(cellar: Located): AwsCalls {
  const known = opened.get(cellar);
  if (known !== undefined) return known;
  const location = parseAwsUrl(cellar.settings.brokerUrl, cellar.settings.awsEndpointUrl);
  const calls = openAwsCalls(location, cellar.runtime, { allowAws: cellar.settings.allowAws });
  opened.set(cellar, calls);
  return calls;
}
