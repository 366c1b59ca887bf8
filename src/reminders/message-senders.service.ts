import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ConfigError, type Config } from '../platform/config.js';
import { CONFIG } from '../platform/tokens.js';
import { ChatSender } from './chat-sender.js';
import { readMailbox, type Mailbox } from './mail-address.js';
import { SendFailure, type Channel, type MessageRef, type MessageSender } from './message-sender.js';
import { OutboxSender } from './outbox-sender.js';
import { SmtpSender } from './smtp-sender.js';
import { unitOfChat } from './unit-addressees.js';
import { webhookOf } from './unit-webhook.query.js';

/** A mail server keeps no connection for one who has nothing more to say; the next block may come at once. */
const LINGER_MS = 3_000;

/** Holds the open senders of this process, one for each channel, for whoever sends at the moment. */
@Injectable()
export class MessageSenders {
  private readonly from: Mailbox;
  private readonly open = new Map<Channel, MessageSender>();
  private borrowers = 0;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly dataSource: DataSource,
  ) {
    const from = readMailbox(config.mailFrom);
    if (!from) {
      throw new ConfigError(
        'MAIL_FROM: 「jinji@example.jp」または「人事課 <jinji@example.jp>」の形で指定してください',
      );
    }
    this.from = from;
  }

  /** The channel of new mail. */
  get channel(): Channel {
    return this.config.smtpUrl ? 'email' : 'outbox';
  }

  /** The part of a Message-ID after the `@`. */
  get domain(): string {
    return this.from.address.slice(this.from.address.lastIndexOf('@') + 1);
  }

  /** Senders to use until they are given back; they stay open for the next, and are closed with the last. */
  borrow(): { of(channel: Channel): MessageSender; giveBack(): void } {
    this.borrowers++;
    return {
      of: (channel) => {
        let sender = this.open.get(channel);
        if (!sender) this.open.set(channel, (sender = this.make(channel)));
        return sender;
      },
      giveBack: () => {
        this.borrowers--;
        setTimeout(() => void this.closeIdle(), LINGER_MS).unref();
      },
    };
  }

  /** Closes what nobody uses. */
  async closeIdle(): Promise<void> {
    if (this.borrowers > 0) return;
    const senders = [...this.open.values()];
    this.open.clear();
    await Promise.all(senders.map((sender) => sender.close()));
  }

  private make(channel: Channel): MessageSender {
    if (channel === 'outbox') return this.outbox();
    if (channel === 'chat') {
      const { manager } = this.dataSource;
      return new ChatSender(
        (address) => webhookOf(manager, unitOfChat(address)),
        this.config.chatWebhookHosts,
      );
    }
    if (this.config.smtpUrl) return new SmtpSender(this.config.smtpUrl, this.from);
    throw new SendFailure(
      'not_attempted',
      'メールで始めた配信回ですが、いまはメールサーバーが設定されていません(SMTP_URL)',
    );
  }

  /** After a crash: was it sent? null over SMTP and in chat, where nobody can be asked. */
  async wasSent(channel: Channel, message: MessageRef): Promise<boolean | null> {
    return channel === 'outbox' ? this.outbox().wasSent(message) : null;
  }

  private outbox(): OutboxSender {
    return new OutboxSender(join(this.config.dataDir, 'outbox'), this.from);
  }
}
