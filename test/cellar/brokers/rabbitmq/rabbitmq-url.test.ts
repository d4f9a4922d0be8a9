import { describe, expect, it } from '@jest/globals';
import { parseRabbitmqUrl } from '../../../../shared/cellar/brokers/rabbitmq/rabbitmq-url.ts';

describe("RabbitMQ's URL", () => {
  it.each([
    ['amqp://localhost', 'guest', '/', [['localhost', 5672]]],
    ['amqp://guest@localhost//', 'guest', '/', [['localhost', 5672]]],
    ['amqp://u:p%40ss@host:1/a%2Fb', 'u', 'a/b', [['host', 1]]],
    [
      'amqps://u@one,two:7,[::1]:8/shop',
      'u',
      'shop',
      [
        ['one', 5671],
        ['two', 7],
        ['::1', 8],
      ],
    ],
  ])('%s', (url, user, vhost, hosts) => {
    const address = parseRabbitmqUrl(url);
    expect(address).toMatchObject({ user, vhost, isTls: url.startsWith('amqps:') });
    expect(address.hosts.map(({ name, port }) => [name, port])).toEqual(hosts);
  });

  it('passwords are decoded, and none is guessed for a user who gave none', () => {
    expect(parseRabbitmqUrl('amqp://u:p%40s:s@host').password).toBe('p@s:s');
    expect(parseRabbitmqUrl('amqp://u@host').password).toBe('');
    expect(parseRabbitmqUrl('amqp://host').password).toBe('guest');
  });

  it('takes what RabbitMQ calls its parameters', () => {
    const query = 'heartbeat=7&connection_timeout=900&cacertfile=/ca.pem&verify=verify_none&server_name_indication=x';
    expect(parseRabbitmqUrl(`amqps://host/v?${query}`)).toMatchObject({
      vhost: 'v',
      heartbeatSeconds: 7,
      connectTimeoutMs: 900,
      tls: { caFile: '/ca.pem', isVerified: false, serverName: 'x' },
    });
  });

  it.each([
    ['amqp://host:99999', /host 'host:99999'/],
    ['amqp://host,,b', /host ''/],
    ['amqp://host?hartbeat=1', /parameter 'hartbeat', allowed: heartbeat/],
    ['amqp://host?heartbeat=soon', /heartbeat=soon/],
    ['amqps://host?verify=no', /verify=no, allowed: verify_peer, verify_none/],
    ['http://host', /none of RabbitMQ/],
  ])('%s is refused', (url, message) => {
    expect(() => parseRabbitmqUrl(url)).toThrow(expect.objectContaining({ code: 'bad-settings' }));
    expect(() => parseRabbitmqUrl(url)).toThrow(message);
  });

  it('no message shows a password', () => {
    expect(() => parseRabbitmqUrl('amqp://u:secret@host?x=1')).toThrow(/^(?!.*secret)/);
    expect(() => parseRabbitmqUrl('amqp:/u:secret@host')).toThrow(/^(?!.*secret)/);
  });
});
