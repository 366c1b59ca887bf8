import { PassThrough, type Readable } from 'node:stream';
import { createTransport } from 'nodemailer';
import { withoutAddress, type Mailbox } from './mail-address.js';
import { composeMail } from './mail-composer.js';
import { SendFailure, type MessageSender, type OutgoingMessage } from './message-sender.js';

const CONNECTIONS = 10;

/** What nodemailer adds to an error. */
interface SmtpError extends Error {
  code?: string;
  command?: string;
  response?: string;
  responseCode?: number;
}

/** A pool of SMTP connections. It never sends a message a second time by itself. */
export class SmtpSender implements MessageSender {
  readonly channel = 'email';
  readonly connections = CONNECTIONS;
  /** The bytes of each message under way: whether the connection has begun to read them decides what a failure means. */
  private readonly bodies = new Map<string, Readable>();
  private readonly transport;

  constructor(
    url: string,
    private readonly from: Mailbox,
  ) {
    this.transport = createTransport({
      url,
      pool: true,
      maxConnections: CONNECTIONS,
      maxMessages: Infinity,
      // The pool's own second try cannot know what the delivery rows know.
      maxRequeues: 0,
      connectionTimeout: 15_000,
      greetingTimeout: 15_000,
      // RFC 5321 4.5.3.2: a server may take ten minutes for its last word.
      socketTimeout: 600_000,
    });
    this.transport.use('stream', (mail, done) => {
      const { message } = mail;
      const createReadStream = message.createReadStream.bind(message);
      message.createReadStream = (...options) => {
        const body = inOnePiece(createReadStream(...options));
        this.bodies.set(String(mail.data.messageId), body);
        return body;
      };
      done();
    });
  }

  async send(message: OutgoingMessage): Promise<void> {
    const mail = composeMail(message, this.from);
    try {
      await this.transport.sendMail(mail);
    } catch (error) {
      throw toFailure(error as SmtpError, this.bodies.get(message.messageId), message.to);
    } finally {
      this.bodies.delete(message.messageId);
    }
  }

  async close(): Promise<void> {
    this.transport.close();
  }
}

/** The library composes a message in dozens of pieces; each of them would be written to the connection by itself. */
function inOnePiece(source: NodeJS.ReadableStream): Readable {
  const pieces: Buffer[] = [];
  const whole = new PassThrough();
  source.on('data', (piece: Buffer) => pieces.push(piece));
  source.once('end', () => whole.end(Buffer.concat(pieces)));
  source.once('error', (error: Error) => whole.destroy(error));
  return whole;
}

function toFailure(error: SmtpError, body: Readable | undefined, to: string): SendFailure {
  const answer = withoutAddress(error.response ?? '', to);
  const begun = body?.readableDidRead ?? false;
  // The final dot follows the last byte: without it no server has accepted anything.
  const ended = body?.readableEnded ?? false;
  const refused = (error.responseCode ?? 0) >= 500 ? 'refused' : 'deferred';
  const ofThisMessage = error.code === 'EENVELOPE' || error.code === 'EMESSAGE';
  if (error.responseCode !== undefined && begun) return new SendFailure(refused, answer);
  if (ended) return new SendFailure('unknown', '送信の途中で接続が切れ、届いたか分かりません');
  // A refused sender, or a server that is closing down (421), says nothing about the recipient.
  const ofTheServer = error.command === 'MAIL FROM' || error.responseCode === 421;
  if (error.responseCode !== undefined && ofThisMessage && !ofTheServer)
    return new SendFailure(refused, answer);
  if (ofThisMessage && error.responseCode === undefined)
    return new SendFailure('refused', '宛先を受け付けられません');
  return new SendFailure(
    'not_attempted',
    answer || `メールサーバーに接続できません(${error.code ?? 'EUNKNOWN'})`,
  );
}
