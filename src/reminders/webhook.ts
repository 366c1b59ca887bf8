/** Where a unit's chat room takes messages, and in which form: no network, no queries. */
import { AppError } from '../platform/errors.js';
import { refuseIn } from '../platform/request-text.js';

/**
 * `text`: `{"text": …}`, as Slack's incoming webhooks and those that follow them take it. `teams`: an adaptive card, as a
 * workflow of Microsoft Teams takes it.
 */
export const WEBHOOK_FORMATS = ['text', 'teams'] as const;
export type WebhookFormat = (typeof WEBHOOK_FORMATS)[number];

export const WEBHOOK_FORMAT_LABELS: Record<WebhookFormat, string> = {
  text: 'テキスト(Slackと同じ形)',
  teams: 'Microsoft Teams(ワークフロー)',
};

export interface Webhook {
  readonly format: WebhookFormat;
  /** A secret: whoever knows it can write into the room. It stands in no message, no log and no record. */
  readonly url: string;
}

const LONGEST_URL = 2000;
const LOCAL = ['localhost', '127.0.0.1'];

/**
 * Only to hosts that whoever runs the service has named, so that nobody makes it talk to another machine of the city's
 * network; over TLS except to this machine. Never repeats the address. Throws `bad_webhook`, `individual_number`.
 */
export function checkedWebhookUrl(text: string, hosts: readonly string[]): { url: string; host: string } {
  const trimmed = text.trim();
  refuseIn(trimmed, 'url');
  if (trimmed.length > LONGEST_URL || !URL.canParse(trimmed))
    throw bad(`https:// で始まるURLを、${LONGEST_URL}字までで入れてください。`);
  const url = new URL(trimmed);
  const isLocal = url.protocol === 'http:' && LOCAL.includes(url.hostname);
  if (url.protocol !== 'https:' && !isLocal) throw bad('https:// で始まるURLを入れてください。');
  if (url.username !== '' || url.password !== '')
    throw bad('ユーザー名やパスワードの付いたURLは使えません。');
  if (!hosts.includes(url.host)) {
    throw bad(
      hosts.length === 0
        ? 'チャットへの送信は、まだ使えません。運用の担当者に、環境変数 CHAT_WEBHOOK_HOSTS の設定を頼んでください。'
        : 'このホストへの送信は許可されていません。運用の担当者に、環境変数 CHAT_WEBHOOK_HOSTS に加えるよう頼んでください。',
    );
  }
  return { url: url.href, host: url.host };
}

function bad(message: string): AppError {
  return new AppError('bad_webhook', 'invalid', message);
}

interface ChatText {
  readonly subject: string;
  readonly text: string;
}

export function chatPayload(format: WebhookFormat, message: ChatText): object {
  return format === 'teams' ? teamsCard(message) : { text: plainText(message) };
}

/** `<!channel>` or `@here` in a name of a unit would call everybody, `<url|words>` would hide where a link leads. */
function plainText({ subject, text }: ChatText): string {
  return `${subject}\n\n${text.trim()}`
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/(?<![\w.-])@/g, '\uff20');
}

/** Rich text blocks show what stands in them, while text blocks would read it as Markdown. */
function teamsCard({ subject, text }: ChatText): object {
  const lines = text.trim().split('\n');
  const link = lines.find((line) => URL.canParse(line) && /^https?:/.test(line));
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          msteams: { width: 'Full' },
          body: [
            block(subject, { weight: 'Bolder', size: 'Medium' }),
            block(''),
            ...lines.map((line) => block(line)),
          ],
          actions: link === undefined ? [] : [{ type: 'Action.OpenUrl', title: 'ページを開く', url: link }],
        },
      },
    ],
  };
}

function block(line: string, more: object = {}): object {
  return {
    type: 'RichTextBlock',
    spacing: line === '' ? 'Medium' : 'None',
    inlines: [{ type: 'TextRun', text: line === '' ? ' ' : line, ...more }],
  };
}
