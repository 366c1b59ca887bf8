import { AppError } from '../platform/errors.js';
import type { Schedule } from './schedule.js';

/** `chat`: to the chat room of a unit that has one, else by mail. */
export type PolicyChannel = 'mail' | 'chat';

export type Audience =
  | 'managers-below-goal'
  | 'joined-without-card'
  | 'without-card'
  | 'leaders-above-units-behind'
  | 'bureau-leaders'
  | 'cards-expiring'
  | 'everybody'
  | 'managers-of-complete-units'
  | 'exceptions-decided'
  | 'exceptions-ending';

/** How often one policy may speak of the same one at most. */
export interface PolicyLimits {
  /**
   * What a message is about. One about a person or a card singles somebody out: it also counts, over all policies, towards
   * the least gap and the most messages a year. One about a unit is part of its recipient's office, one about an exception
   * answers what the person has asked for.
   */
  readonly about: 'person' | 'card' | 'unit' | 'everybody' | 'exception';
  /** When it may speak of the same one again: at the next wave, so many calendar months later, or never. */
  readonly again: 'next-wave' | 'never' | { readonly months: number };
}

/** A standing rule: who hears what, when, and how often at most. Adding one means adding it here. */
export interface Policy {
  readonly name: string;
  readonly title: string;
  /** One sentence. */
  readonly description: string;
  readonly audience: Audience;
  readonly channel: PolicyChannel;
  /** Whether a unit's chat room may get it: only what speaks to a unit about itself, since everybody there reads it. */
  readonly mayChat?: true;
  /** Folder under templates/messages. */
  readonly template: string;
  readonly schedule: Schedule;
  readonly limits: PolicyLimits;
}

/** In the order in which they speak in a month. Why these days: docs/decisions/0018-standing-rules.md. */
export const POLICIES: readonly Policy[] = [
  {
    name: 'manager-monthly',
    title: '所属長への月次の案内',
    description:
      '保有率が目標に届いていない所属の所属長に、月に1通、率と残りの人数(氏名なし)を知らせ、所属の全員への案内をお願いします。',
    audience: 'managers-below-goal',
    channel: 'mail',
    mayChat: true,
    template: 'manager-monthly',
    schedule: { kind: 'monthly', businessDay: 1 },
    limits: { about: 'unit', again: 'next-wave' },
  },
  {
    name: 'thanks',
    title: '全員保有のお礼',
    description: '全員がカードを保有した所属の所属長に、12か月に1通まで、お礼を伝えます。',
    audience: 'managers-of-complete-units',
    channel: 'mail',
    mayChat: true,
    template: 'thanks',
    schedule: { kind: 'monthly', businessDay: 1 },
    limits: { about: 'unit', again: { months: 12 } },
  },
  {
    name: 'bureau-digest',
    title: '局長への月次のまとめ',
    description: '局の長に、月に1通、局の中の所属ごとの保有率と残りの人数(氏名なし)をまとめて知らせます。',
    audience: 'bureau-leaders',
    channel: 'mail',
    template: 'bureau-digest',
    schedule: { kind: 'monthly', businessDay: 3 },
    limits: { about: 'unit', again: 'next-wave' },
  },
  {
    name: 'escalation',
    title: '1つ上の所属長への案内',
    description:
      '保有率が2か月続けて月末に市民の取得率を下回った所属について、1つ上の所属の長に、3か月に1通まで、人数(氏名なし)と手だてを知らせます。',
    audience: 'leaders-above-units-behind',
    channel: 'mail',
    template: 'escalation',
    schedule: { kind: 'monthly', businessDay: 5 },
    limits: { about: 'unit', again: { months: 3 } },
  },
  {
    name: 'renewal',
    title: '更新の案内',
    description: 'カードの有効期限まで3か月以内の職員に、カード1枚につき1通だけ、更新の手続きを案内します。',
    audience: 'cards-expiring',
    channel: 'mail',
    template: 'renewal',
    schedule: { kind: 'monthly', businessDay: 5 },
    limits: { about: 'card', again: 'never' },
  },
  {
    name: 'staff-monthly',
    title: '職員への月次の案内',
    description: 'カードの保有を確認できていない職員に、月に1通まで、取得の方法と回答の方法を案内します。',
    audience: 'without-card',
    channel: 'mail',
    template: 'staff-monthly',
    schedule: { kind: 'monthly', businessDay: 10 },
    limits: { about: 'person', again: 'next-wave' },
  },
  {
    name: 'staff-start',
    title: '新しい職員への案内',
    description:
      'カードの保有を確認できていない新しい職員に、着任から14日後に1通だけ、取得の方法と回答の方法を案内します。',
    audience: 'joined-without-card',
    channel: 'mail',
    template: 'staff-start',
    schedule: { kind: 'after-joining', days: 14 },
    limits: { about: 'person', again: 'never' },
  },
  {
    name: 'top-message',
    title: 'トップからのメッセージ',
    description:
      '職員の全員に、市長などトップからのメッセージを1度だけ届けます(文面はトップの言葉に書き換えてから使います)。',
    audience: 'everybody',
    channel: 'mail',
    template: 'top-message',
    schedule: { kind: 'by-hand' },
    limits: { about: 'everybody', again: 'never' },
  },
  {
    name: 'exception-decided',
    title: '例外の申請の結果',
    description:
      '例外の申請に決定があった職員に、決定につき1通だけ、結果を知らせます。種類や理由は書きません。',
    audience: 'exceptions-decided',
    channel: 'mail',
    template: 'exception-decided',
    schedule: { kind: 'daily' },
    limits: { about: 'exception', again: 'never' },
  },
  {
    name: 'exception-ending',
    title: '例外の終わりの予告',
    description:
      '例外が30日以内に終わる職員に、例外1件につき1通だけ、終わりの日と延長の方法を知らせます。続きが承認されている人、「回答しない」を選んだ人には送りません。',
    audience: 'exceptions-ending',
    channel: 'mail',
    template: 'exception-ending',
    schedule: { kind: 'daily' },
    limits: { about: 'exception', again: 'never' },
  },
];

/** False where it speaks to people as heads of their units. */
export function speaksToPersons({ limits }: Pick<Policy, 'limits'>): boolean {
  return limits.about !== 'unit';
}

/** Throws `policy_not_found`. */
export function policyNamed(name: string): Policy {
  const policy = POLICIES.find((candidate) => candidate.name === name);
  if (policy) return policy;
  throw new AppError(
    'policy_not_found',
    'not_found',
    `この名前のリマインド方針はありません。使える方針: ${POLICIES.map((known) => known.name).join('、')}`,
  );
}
