import { setTimeout as wait } from 'node:timers/promises';
import type { AddressInfo } from 'node:net';
import { simpleParser, type ParsedMail } from 'mailparser';
import { SMTPServer } from 'smtp-server';

export interface MailServerOptions {
  port?: number;
  /** How long the server thinks before its last word about a message. */
  delayMs?: number;
  /** The refusal of a recipient, such as `550 5.1.1 No such user`. */
  refuse?: (address: string) => string | undefined;
  /** The refusal of every sender. */
  refuseSender?: string;
  /** Whether the connection is cut when the message has arrived, instead of an answer. */
  cut?: () => boolean;
  /** Called when a message has arrived, before the answer. */
  onMessage?: (count: number) => void;
}

export interface MailServer {
  readonly url: string;
  readonly port: number;
  /** Everything that arrived whole, in order. */
  readonly received: { readonly to: string[]; readonly mail: ParsedMail }[];
  messageIds(): string[];
  /** Cuts every connection at once, in the middle of whatever it does. */
  die(): Promise<void>;
  close(): Promise<void>;
}

/** A real SMTP server on this machine. */
export async function startMailServer(options: MailServerOptions = {}): Promise<MailServer> {
  const received: MailServer['received'] = [];
  const sockets = new Set<{ destroy(): void; on(event: 'close', then: () => void): void }>();
  let arrived = 0;
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    onMailFrom: (_address, _session, done) => done(refusal(options.refuseSender)),
    onRcptTo: ({ address }, _session, done) => done(refusal(options.refuse?.(address))),
    async onData(stream, session, done) {
      // A client that is gone in the middle of a message has not sent it.
      const mail = await simpleParser(stream).catch(() => null);
      if (!mail) return;
      received.push({ to: session.envelope.rcptTo.map(({ address }) => address), mail });
      options.onMessage?.(++arrived);
      if (options.delayMs) await wait(options.delayMs);
      if (options.cut?.()) cutOff(session.id);
      else done();
    },
  });
  const cutOff = (sessionId: string) => {
    for (const connection of server.connections as Set<{ id: string; _socket: { destroy(): void } }>)
      if (connection.id === sessionId) connection._socket.destroy();
  };
  // Killed clients and cut connections are part of the tests.
  server.on('error', () => {});
  server.server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return {
    url: `smtp://127.0.0.1:${port}`,
    port,
    received,
    messageIds: () => received.map(({ mail }) => mail.messageId!),
    async die() {
      const closed = close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    close,
  };
}

function refusal(words: string | undefined): Error | null {
  if (words === undefined) return null;
  const [code, ...rest] = words.split(' ');
  return Object.assign(new Error(rest.join(' ')), { responseCode: Number(code) });
}
