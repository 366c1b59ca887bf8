import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import type { Mailbox } from './mail-address.js';
import { composeMail } from './mail-composer.js';
import { SendFailure, type MessageRef, type MessageSender, type OutgoingMessage } from './message-sender.js';

/**
 * One `.eml` per delivery under `<outbox>/<wave>/<delivery id>.eml`. The file appears in one step, under a name that
 * belongs to the delivery, so a message is there once or not at all.
 */
export class OutboxSender implements MessageSender {
  readonly channel = 'outbox';
  readonly connections = 5;
  private readonly writer = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });

  constructor(
    private readonly folder: string,
    private readonly from: Mailbox,
  ) {}

  async send(message: OutgoingMessage): Promise<void> {
    const mail = composeMail(message, this.from);
    const { message: bytes } = await this.writer.sendMail(mail);
    try {
      await writeInOneStep(this.folderOf(message), this.fileOf(message), bytes as Buffer);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'EUNKNOWN';
      throw new SendFailure('not_attempted', `送信箱のフォルダーに書き込めません(${code})`);
    }
  }

  /** After a crash: the file of this very message is there. */
  async wasSent(message: MessageRef): Promise<boolean> {
    try {
      const head = (await readFile(this.fileOf(message))).subarray(0, 8192).toString('latin1');
      return head.includes(message.messageId);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
  }

  async close(): Promise<void> {
    this.writer.close();
  }

  private folderOf(message: MessageRef): string {
    return join(this.folder, message.waveName);
  }

  private fileOf(message: MessageRef): string {
    return outboxFile(this.folder, message);
  }
}

export function outboxFile(
  folder: string,
  { waveName, deliveryId }: Pick<MessageRef, 'waveName' | 'deliveryId'>,
): string {
  return join(folder, waveName, `${deliveryId}.eml`);
}

/** Messages carry figures and addresses: readable by the service's own user only. */
async function writeInOneStep(folder: string, path: string, bytes: Buffer): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}.part`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  const directory = await open(folder, 'r');
  try {
    await directory.sync();
  } catch (error) {
    // Windows cannot flush a directory.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
  } finally {
    await directory.close();
  }
}
