/** How a message leaves: over SMTP, as a file in the outbox where there is no mail server, or to a unit's chat room. */
export type Channel = 'email' | 'outbox' | 'chat';

export interface MessageRef {
  readonly deliveryId: number;
  /** Stable for the delivery: what a mail server and the outbox recognise a message by. */
  readonly messageId: string;
  /** Policy and day of the wave: `manager-monthly-2022-11-10`. */
  readonly waveName: string;
}

export interface OutgoingMessage extends MessageRef {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly date: Date;
  /** Where one says that one wants no more of these; undefined where that is not for the recipient to say. */
  readonly unsubscribeUrl?: string;
}

export interface MessageSender {
  readonly channel: Channel;
  /** How many messages may be under way at once. */
  readonly connections: number;
  /** Returns once the message was taken over for good. Throws SendFailure. */
  send(message: OutgoingMessage): Promise<void>;
  close(): Promise<void>;
}

/**
 * - `refused`: the other side said no to this message for good; it did not go out.
 * - `deferred`: the other side said not now to this message; it did not go out, and may later.
 * - `not_attempted`: no part of the message left; it can be tried again without any risk.
 * - `unknown`: it was on its way when the answer stopped; it may have arrived.
 */
export type FailureKind = 'refused' | 'deferred' | 'not_attempted' | 'unknown';

/**
 * `reason` is shown to HR: the server's words without the address. `waitMs` is for how long at least the other side has
 * asked to be left alone.
 */
export class SendFailure extends Error {
  constructor(
    readonly kind: FailureKind,
    readonly reason: string,
    readonly waitMs = 0,
  ) {
    super(reason);
    this.name = 'SendFailure';
  }
}
