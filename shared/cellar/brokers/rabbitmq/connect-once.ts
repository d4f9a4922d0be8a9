import { readFile } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import { type ChannelModel, connect } from 'amqplib';
import type { RabbitmqAddress, TlsOptions } from './rabbitmq-url.ts';

/** One connection, made once: it ends for good when it is lost. */
export interface Connected {
  readonly model: ChannelModel;
  /** Frees its socket, whatever the other side does. */
  destroy(): void;
}

/**
 * Connects to one node.
 * @throws Error as the network or the server says it
 */
export async function connectOnce(address: RabbitmqAddress, host: number, name: string): Promise<Connected> {
  const { name: hostname, port } = address.hosts[host % address.hosts.length] ?? { name: '', port: 0 };
  const { user: username, password, vhost, heartbeatSeconds: heartbeat } = address;
  const protocol = address.isTls ? 'amqps' : 'amqp';
  const model = await connect(
    // The library takes the name of a virtual host as a part of a URL.
    { protocol, hostname, port, username, password, vhost: encodeURIComponent(vhost), heartbeat },
    {
      noDelay: true,
      timeout: address.connectTimeoutMs,
      clientProperties: { connection_name: name },
      ...(address.isTls ? await tlsOf(address.tls) : undefined),
    },
  );
  const { stream } = model.connection as { readonly stream?: Duplex };
  if (stream !== undefined) writeTogether(stream);
  return {
    model,
    // The library only ends its half, and a peer that is gone never ends the other: the process could not exit.
    destroy: () => void stream?.destroy(),
  };
}

/** The library writes each frame by itself: those of one turn of the event loop share a system call. */
function writeTogether(stream: Duplex): void {
  const write = stream.write.bind(stream);
  let isCorked = false;
  const writeCorked = (...parameters: Parameters<typeof write>): boolean => {
    if (!isCorked) {
      isCorked = true;
      stream.cork();
      process.nextTick(() => {
        isCorked = false;
        stream.uncork();
      });
    }
    return write(...parameters);
  };
  stream.write = writeCorked as typeof stream.write;
}

async function tlsOf({ caFile, certificateFile, keyFile, isVerified, serverName }: TlsOptions): Promise<object> {
  const [ca, cert, key] = await Promise.all([caFile, certificateFile, keyFile].map(contentOf));
  return {
    rejectUnauthorized: isVerified,
    ...(ca === undefined ? undefined : { ca: [ca] }),
    ...(cert === undefined ? undefined : { cert }),
    ...(key === undefined ? undefined : { key }),
    ...(serverName === undefined ? undefined : { servername: serverName }),
  };
}

async function contentOf(file: string | undefined): Promise<Buffer | undefined> {
  return file === undefined ? undefined : await readFile(file);
}
