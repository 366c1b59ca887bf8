import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';
import type { Dice } from '../dice.js';

interface Connection {
  readonly id: string;
  readonly session: SMTPServerSession;
  readonly _socket: { destroy(): void };
}

/**
 * A real SMTP server with every trouble that one can make: it accepts, takes its time, defers and refuses before and
 * after the message, drops connections before, in and after a message, and dies. It knows a message by its recipient,
 * who gets one.
 */
export class FaultyMailServer {
  /** How often a message to this recipient was taken for good. */
  readonly taken = new Map<string, number>();
  /** Recipients whose message may or may not have been taken, because this server did not say so. */
  readonly inDoubt = new Set<string>();
  /** How many messages may be taken so far: a busy server makes the others wait. */
  atMost = Infinity;
  readonly faults = { deferred: 0, refused: 0, dropped: 0, deaths: 0 };
  private server!: SMTPServer;
  private port = 0;

  constructor(private readonly dice: Dice) {}

  get url(): string {
    return `smtp://127.0.0.1:${this.port}`;
  }

  async open(): Promise<void> {
    this.server = new SMTPServer({
      disabledCommands: ['AUTH', 'STARTTLS'],
      onRcptTo: async ({ address }, session, done) => {
        while (this.taken.size >= this.atMost) await wait(20);
        if (refusedForGood(address)) return done(this.refuse(550, 'No such user'));
        if (this.dice.chance(0.05)) return done(this.defer());
        if (this.dice.chance(0.005)) return this.drop(session);
        done();
      },
      onData: (stream, session, done) => {
        const recipient = session.envelope.rcptTo[0]!.address;
        const dropsWithin = this.dice.chance(0.003);
        stream.on('data', () => {
          if (!dropsWithin) return;
          // The whole of a small message may be on its way already.
          this.inDoubt.add(recipient);
          this.drop(session);
        });
        stream.on('error', () => {});
        stream.on('end', () => void this.decide(recipient, session, done));
      },
    });
    this.server.on('error', () => {});
    await new Promise<void>((resolve) => this.server.listen(this.port, '127.0.0.1', resolve));
    this.port = (this.server.server.address() as AddressInfo).port;
  }

  /** Every connection ends in the middle of whatever it does; nobody answers until `open`. */
  async die(): Promise<void> {
    this.faults.deaths++;
    const closed = this.close();
    for (const { session, _socket } of this.connections()) {
      const recipient = session.envelope?.rcptTo?.[0]?.address;
      if (recipient) this.inDoubt.add(recipient);
      _socket.destroy();
    }
    await closed;
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private async decide(
    recipient: string,
    session: SMTPServerSession,
    done: (error?: Error) => void,
  ): Promise<void> {
    await wait(this.dice.weighted({ soon: 6, later: 1 }) === 'soon' ? 2 : this.dice.between(20, 200));
    if (this.dice.chance(0.02)) return done(this.defer());
    if (!this.connections().some((connection) => connection.session === session)) {
      // Who has hung up cannot be told anything.
      this.inDoubt.add(recipient);
      return;
    }
    this.taken.set(recipient, (this.taken.get(recipient) ?? 0) + 1);
    if (!this.dice.chance(0.003)) return done();
    this.inDoubt.add(recipient);
    this.drop(session);
  }

  private drop(session: SMTPServerSession): void {
    this.faults.dropped++;
    this.connections()
      .find((connection) => connection.session === session)
      ?._socket.destroy();
  }

  private connections(): Connection[] {
    return [...(this.server.connections as Set<unknown>)] as Connection[];
  }

  private defer(): Error {
    this.faults.deferred++;
    return Object.assign(new Error('Try again later'), { responseCode: this.dice.pick([421, 450, 451]) });
  }

  private refuse(responseCode: number, words: string): Error {
    this.faults.refused++;
    return Object.assign(new Error(words), { responseCode });
  }
}

/** About one in thirty: m1029@example.jp. */
function refusedForGood(address: string): boolean {
  return Number(/\d+/.exec(address)![0]) % 31 === 0;
}
