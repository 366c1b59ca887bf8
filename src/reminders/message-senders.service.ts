import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { ConfigError, type Config } from '../platform/config.js';
import { AppError } from '../platform/errors.js';
import { CONFIG } from '../platform/tokens.js';
import { readMailbox, type Mailbox } from './mail-address.js';
import type { Channel, MessageRef, MessageSender } from './message-sender.js';
import { OutboxSender } from './outbox-sender.js';
import { SmtpSender } from './smtp-sender.js';

/** Opens the sender of a channel for one wave; whoever opens it closes it. */
@Injectable()
export class MessageSenders {
  private readonly from: Mailbox;

  constructor(@Inject(CONFIG) private readonly config: Config) {
    const from = readMailbox(config.mailFrom);
    if (!from) {
      throw new ConfigError(
        'MAIL_FROM: 「jinji@example.jp」または「人事課 <jinji@example.jp>」の形で指定してください',
      );
    }
    this.from = from;
  }

  /** The channel that new waves use. */
  get channel(): Channel {
    return this.config.smtpUrl ? 'email' : 'outbox';
  }

  /** The part of a Message-ID after the `@`. */
  get domain(): string {
    return this.from.address.slice(this.from.address.lastIndexOf('@') + 1);
  }

  open(channel: Channel): MessageSender {
    if (channel === 'outbox') return this.outbox();
    if (this.config.smtpUrl) return new SmtpSender(this.config.smtpUrl, this.from);
    throw new AppError(
      'smtp_not_configured',
      'conflict',
      'この配信回はメールで始めましたが、いまはメールサーバーが設定されていません。SMTP_URL を設定してから、もう一度実行してください。',
    );
  }

  /** After a crash: was it sent? null over SMTP, where nobody can be asked. */
  async wasSent(channel: Channel, message: MessageRef): Promise<boolean | null> {
    return channel === 'outbox' ? this.outbox().wasSent(message) : null;
  }

  private outbox(): OutboxSender {
    return new OutboxSender(join(this.config.dataDir, 'outbox'), this.from);
  }
}
