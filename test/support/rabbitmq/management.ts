/** The few calls of RabbitMQ's management interface that tests make. */

export interface Management {
  /** Answers the parsed JSON; `undefined` for an empty answer. */
  request(method: 'GET' | 'PUT' | 'DELETE' | 'POST', path: string, body?: unknown): Promise<unknown>;
}

/** `url` holds user and password, as in `http://guest:guest@127.0.0.1:15672`. */
export function management(url: string): Management {
  const { origin, username, password } = new URL(url);
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  return {
    async request(method, path, body) {
      const answer = await fetch(`${origin}/api/${path}`, {
        method,
        headers: { authorization, 'content-type': 'application/json' },
        ...(body === undefined ? undefined : { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${method} /api/${path} answered ${answer.status}: ${text}`);
      return text === '' ? undefined : JSON.parse(text);
    },
  };
}
