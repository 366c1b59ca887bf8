import { request as requestOverHttp, type IncomingMessage } from 'node:http';
import { request as requestOverTls } from 'node:https';
import { SendFailure, type MessageSender, type OutgoingMessage } from './message-sender.js';
import { chatPayload, checkedWebhookUrl, type Webhook } from './webhook.js';

/** Chat services answer within a second or two; who takes longer may still have taken the message. */
const TIMEOUT_MS = 30_000;
const LONGEST_ANSWER = 200;
/** Who asks for more is asked again after a day. */
const LONGEST_PAUSE_MS = 24 * 60 * 60 * 1000;

/** Posts to the chat rooms of units. It follows no redirection, and never posts a message a second time by itself. */
export class ChatSender implements MessageSender {
  readonly channel = 'chat';
  readonly connections = 5;

  constructor(
    /** What stands behind an address now; null where it was taken back. */
    private readonly webhookOf: (address: string) => Promise<Webhook | null>,
    private readonly hosts: readonly string[],
    private readonly timeoutMs = TIMEOUT_MS,
  ) {}

  async send(message: OutgoingMessage): Promise<void> {
    const webhook = await this.webhookOf(message.to).catch(() => {
      throw new SendFailure('not_attempted', 'チャットの送り先を読めません');
    });
    if (!webhook) throw new SendFailure('refused', 'チャットの送り先の登録が取り消されています');
    await this.post(this.allowed(webhook.url), JSON.stringify(chatPayload(webhook.format, message)));
  }

  async close(): Promise<void> {}

  /** The list may have become shorter since the address was registered. */
  private allowed(url: string): URL {
    try {
      return new URL(checkedWebhookUrl(url, this.hosts).url);
    } catch {
      throw new SendFailure('refused', 'チャットの送り先のホストが許可されていません');
    }
  }

  private post(url: URL, body: string): Promise<void> {
    return new Promise((resolve, reject) => {
      let written = false;
      let status: number | undefined;
      let pauseMs = 0;
      const request = url.protocol === 'https:' ? requestOverTls : requestOverHttp;
      const posting = request(url, {
        method: 'POST',
        // A connection that was kept may be gone already, and then nobody knows what arrived.
        agent: false,
        headers: {
          'Content-Type': 'application/json; charset=utf-8',
          'Content-Length': Buffer.byteLength(body),
          'User-Agent': 'staff-card-tracker',
        },
      });
      const timer = setTimeout(() => posting.destroy(new Error('timeout')), this.timeoutMs);
      posting.on('finish', () => (written = true));
      posting.on('response', (response) => {
        status = response.statusCode;
        pauseMs = pauseOf(response);
        void wordOf(response).then(end);
      });
      // Its words may repeat the address: none of them goes on from here.
      posting.on('error', (error: NodeJS.ErrnoException) => {
        if (status !== undefined) return end('');
        clearTimeout(timer);
        reject(
          written
            ? new SendFailure('unknown', '送信の途中で接続が切れ、届いたか分かりません')
            : new SendFailure('deferred', `チャットのサーバーに接続できません(${error.code ?? 'EUNKNOWN'})`),
        );
      });
      /** The status has arrived, and it is what counts. */
      const end = (word: string): void => {
        clearTimeout(timer);
        posting.destroy();
        const failure = toFailure(status ?? 0, word, pauseMs);
        if (failure) reject(failure);
        else resolve();
      };
      posting.end(body);
    });
  }
}

/** A short code such as `no_service` says more than a number; anything else might repeat what was sent. */
async function wordOf(response: IncomingMessage): Promise<string> {
  let text = '';
  try {
    for await (const chunk of response) {
      text += String(chunk);
      if (text.length > LONGEST_ANSWER) break;
    }
  } catch {
    // What has arrived is enough.
  }
  return /^[a-z_]{1,40}$/.test(text.trim()) ? text.trim() : '';
}

/** What `Retry-After` asks for, as seconds or as a moment by the server's own watch (RFC 9110). */
function pauseOf({ headers }: IncomingMessage): number {
  const text = headers['retry-after'] ?? '';
  const ms = /^\d+$/.test(text) ? 1000 * Number(text) : Date.parse(text) - Date.parse(headers.date ?? '');
  return Math.min(Math.max(ms || 0, 0), LONGEST_PAUSE_MS);
}

/** Null for what was taken. */
function toFailure(status: number, word: string, pauseMs: number): SendFailure | null {
  if (status >= 200 && status < 300) return null;
  const answer = `HTTP ${status}${word && ` ${word}`}`;
  return status === 408 || status === 429 || status >= 500
    ? new SendFailure('deferred', `チャットのサーバーがいまは受け付けません(${answer})`, pauseMs)
    : new SendFailure('refused', `チャットのサーバーが受け付けませんでした(${answer})`);
}
