/** A mail server as small as a test needs it: takes every mail, keeps it as it came (RFC 5321, without extensions). */

import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** The whole MIME message, lines ended by CRLF. */
  readonly mime: string;
}

export interface SmtpServer {
  /** `127.0.0.1:<port>` */
  readonly address: string;
  /** What has come so far. */
  received(): readonly ReceivedMail[];
  stop(): Promise<void>;
}

export async function startSmtpServer(): Promise<SmtpServer> {
  const received: ReceivedMail[] = [];
  const server = createServer((socket) => converse(socket, (mail) => received.push(mail)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    received: () => received,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function converse(socket: Socket, onMail: (mail: ReceivedMail) => void): void {
  let from = '';
  let to: string[] = [];
  let data: string[] | undefined;
  const say = (line: string) => socket.write(`${line}\r\n`);
  say('220 test');
  createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) => {
    if (data !== undefined) {
      if (line !== '.') return void data.push(line.replace(/^\./, ''));
      onMail({ from, to, mime: data.join('\r\n') });
      [from, to, data] = ['', [], undefined];
      return void say('250 taken');
    }
    const [, address = ''] = /<(.*?)>/.exec(line) ?? [];
    const command = line.slice(0, 4).toUpperCase();
    if (command === 'MAIL') from = address;
    if (command === 'RCPT') to = [...to, address];
    if (command === 'DATA') data = [];
    say(command === 'DATA' ? '354 go on' : command === 'QUIT' ? '221 bye' : '250 good');
    if (command === 'QUIT') socket.end();
  });
}

/** The bytes of a mail's attachment; `undefined` where it has none of that name. */
export function attachmentOf(mime: string, fileName: string): Buffer | undefined {
  const [, boundary] = /boundary="?([^"\r\n;]+)"?/.exec(mime) ?? [];
  const parts = boundary === undefined ? [] : mime.split(`--${boundary}`);
  const part = parts.find((text) => text.includes(`filename=${fileName}`) || text.includes(`filename="${fileName}"`));
  const body = part?.split('\r\n\r\n').slice(1).join('');
  return body === undefined ? undefined : Buffer.from(body, 'base64');
}
