/** Notices that a message did not arrive (RFC 3464), as mail programs keep them. */
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Attachment, SimpleParserOptions } from 'mailparser';

/** What a notice says of one message. */
export interface Bounce {
  readonly messageId: string;
  /** The status and the other server's words, without addresses. */
  readonly reason: string;
}

/** `bounce` null: a notice of something else than a failure, or no notice. */
export interface ReadNotice {
  readonly bounce: Bounce | null;
}

/** A notice quotes the message; ours are small. Larger mail is none of ours. */
const LARGEST_BYTES = 1_000_000;
/** Of a thousand parts or more the parser may never give an answer. */
const MOST_PARTS = 900;
const OPTIONS: SimpleParserOptions & { keepDeliveryStatus: true } = {
  skipHtmlToText: true,
  skipTextToHtml: true,
  skipTextLinks: true,
  skipImageLinks: true,
  keepDeliveryStatus: true,
};

/** Mail by mail: a Maildir, an mbox file or a single mail; `source` is a path, or what is piped in. */
export async function* readBounces(source: string | Readable): AsyncGenerator<ReadNotice> {
  for await (const mail of mails(source)) yield { bounce: mail === null ? null : await readNotice(mail) };
}

export async function readNotice(mail: Buffer): Promise<Bounce | null> {
  // Loaded for whoever reads mail; most programs never do.
  const { simpleParser } = await import('mailparser');
  const { attachments } = await simpleParser(mail, OPTIONS);
  const part = (...types: string[]) => attachments.find(({ contentType }) => types.includes(contentType));
  const report = part('message/delivery-status', 'message/global-delivery-status');
  const original = part('message/rfc822', 'text/rfc822-headers', 'message/global', 'message/global-headers');
  if (!report || !original) return null;
  const messageId = headersOf(original)[0]?.get('message-id');
  const failed = headersOf(report).find((fields) => fields.get('action')?.toLowerCase() === 'failed');
  if (!messageId || !failed) return null;
  const words = failed.get('diagnostic-code')?.replace(/^[^;]*;\s*/, '') ?? '';
  const status = failed.get('status') ?? '';
  const reason = words.includes(status) ? words : `${status} ${words}`;
  return { messageId, reason: withoutAddresses(reason).slice(0, 500) };
}

/** Blocks of header fields, names in lower case, folded lines joined. */
function headersOf({ content }: Attachment): Map<string, string>[] {
  const unfolded = content
    .toString('utf8')
    .replace(/\r\n/g, '\n')
    .replace(/\n[ \t]+/g, ' ');
  return unfolded
    .split(/\n\n+/)
    .map(
      (block) =>
        new Map(
          [...block.matchAll(/^([\w-]+):[ \t]*(.*)$/gm)].map((field) => [
            field[1]!.toLowerCase(),
            field[2]!.trim(),
          ]),
        ),
    );
}

function withoutAddresses(words: string): string {
  return words
    .replace(/[^\s<>"@]+@[^\s<>"@]+/g, '(宛先)')
    .replace(/\s+/g, ' ')
    .trim();
}

/** Null stands for a mail that is too large to be a notice, or has too many parts. */
async function* mails(source: string | Readable): AsyncGenerator<Buffer | null> {
  if (typeof source !== 'string') yield* fromMbox(source);
  else if (!(await stat(source)).isDirectory()) yield* fromMbox(createReadStream(source));
  else {
    for (const folder of ['new', 'cur']) {
      for (const name of (await readdir(join(source, folder)).catch(() => [])).toSorted())
        yield* fromMbox(createReadStream(join(source, folder, name)));
    }
  }
}

/** A line `From …` after an empty one begins the next mail; a file without any is one mail. */
async function* fromMbox(stream: Readable): AsyncGenerator<Buffer | null> {
  let lines: string[] = [];
  let bytes = 0;
  let parts = 0;
  let afterEmpty = true;
  const mail = () =>
    bytes > LARGEST_BYTES || parts > MOST_PARTS ? null : Buffer.from(lines.join('\r\n'), 'latin1');
  for await (const line of createInterface({ input: stream.setEncoding('latin1'), crlfDelay: Infinity })) {
    if (afterEmpty && line.startsWith('From ')) {
      if (lines.length > 0) yield mail();
      [lines, bytes, parts] = [[], 0, 0];
      continue;
    }
    bytes += line.length + 2;
    if (line.startsWith('--')) parts += 1;
    if (bytes <= LARGEST_BYTES) lines.push(line.replace(/^>(>*From )/, '$1'));
    afterEmpty = line === '';
  }
  if (lines.length > 0) yield mail();
}
