/** A broker URL as it may be shown: without user name, password and query. */
export function brokerName(url: string): string {
  const [, scheme, rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/)(.*)$/is.exec(url) ?? [];
  if (scheme === undefined) return url;
  const bare = rest.replace(/[?#].*$/s, '');
  return scheme + bare.slice(bare.lastIndexOf('@') + 1);
}
