import type { CardStatus, SelfStatus } from '../../ledger/card-status.js';
import { EVIDENCE_LABELS } from '../../ledger/card-status.js';
import { formatDate } from '../../platform/japanese-format.js';
import type { AnswerPage, AnswerReceipt } from '../../reminders/answer.service.js';
import { formatMoment } from '../template-helpers.js';
import { actorLabel, toLookView, type LookView } from './staff.view.js';

export interface AnswerView {
  /** By what the reader sees that the link is the own one. */
  readonly whose: string;
  readonly city: string;
  readonly contact: string;
  /** Null where nothing is recorded. */
  readonly now: string | null;
  /** False for whoever is not on the roster. */
  readonly open: boolean;
  readonly error: string | null;
  readonly action: string;
  readonly receiptHref: string;
  readonly exceptionHref: string;
  readonly choices: readonly { readonly value: SelfStatus; readonly label: string; readonly hint: string }[];
  readonly readers: readonly { readonly who: string; readonly what: string }[];
  readonly expires: string;
}

export interface AnswerReceiptView extends Pick<
  AnswerView,
  'whose' | 'contact' | 'open' | 'readers' | 'expires'
> {
  readonly heading: string;
  readonly facts: readonly { readonly term: string; readonly text: string }[];
  readonly next: string;
  readonly answerHref: string;
  readonly looks: readonly LookView[];
}

/** As messages tell people to answer, and as they say it of themselves. */
export const OWN_WORDS: Record<CardStatus, string> = {
  held: '取得済み',
  applied: '申請中',
  not_applied: 'まだ',
  undisclosed: '回答しない',
  unanswered: 'まだ回答がありません',
  lapsed: '失効・返納',
};
const HINTS: Record<SelfStatus, string> = {
  held: 'カードを受け取っている',
  applied: '申請して、受け取りを待っている',
  not_applied: '申請していない、または失効・返納した',
  undisclosed: '理由は不要。個人あての案内は届かなくなります',
};
const NEXT: Record<CardStatus, string> = {
  held: '取得をお願いする個人あての案内は、届かなくなります。',
  applied:
    'カードを受け取ったら、このリンクか次の案内から教えてください。それまでに案内が届くことがあります。',
  not_applied: 'これからも案内が届くことがあります。個人あての案内が不要なときは、「回答しない」を選べます。',
  undisclosed: '個人あての案内は、届かなくなります。理由をおたずねすることもありません。',
  unanswered: '回答は任意です。回答しないままでも、不利益はありません。',
  lapsed: '新しいカードを受け取ったら、このリンクか次の案内から教えてください。',
};

/** What a reader may have done just before. It changes the heading and nothing else. */
export type AnswerOutcome = 'recorded' | 'known' | undefined;
const HEADINGS = {
  recorded: '回答を受け取りました',
  known: '同じ内容で、すでに記録されています',
  none: '自分の記録',
};

export const answerHref = (token: string) => `/answer/${token}`;
export const exceptionHref = (token: string) => `${answerHref(token)}/exception`;
const receiptHref = (token: string) => `${answerHref(token)}/receipt`;

export function outcomeHref(token: string, outcome: AnswerOutcome): string {
  return `${receiptHref(token)}?result=${outcome}`;
}

export function readOutcome(text: string | undefined): AnswerOutcome {
  return text === 'recorded' || text === 'known' ? text : undefined;
}

export function toAnswerView(page: AnswerPage, token: string, error: string | null): AnswerView {
  const { own } = page;
  return {
    ...frameOf(page),
    city: page.city,
    now: own.evidence === null ? null : `${OWN_WORDS[own.status]}(${recordWords(page)})`,
    error,
    action: answerHref(token),
    receiptHref: receiptHref(token),
    exceptionHref: exceptionHref(token),
    choices: (Object.keys(HINTS) as SelfStatus[]).map((value) => ({
      value,
      label: OWN_WORDS[value],
      hint: HINTS[value],
    })),
  };
}

export function toAnswerReceiptView(
  receipt: AnswerReceipt,
  token: string,
  outcome: AnswerOutcome,
): AnswerReceiptView {
  const { own } = receipt;
  return {
    ...frameOf(receipt),
    heading: HEADINGS[outcome ?? 'none'],
    facts: [
      { term: '取得状況', text: OWN_WORDS[own.status] },
      ...(own.recordedAt === null
        ? []
        : [
            { term: 'いつから', text: formatDate(own.since!) },
            { term: '記録した日時', text: formatMoment(own.recordedAt.toISOString()) },
            {
              term: '記録のもと',
              text: `${EVIDENCE_LABELS[own.evidence!]}${own.evidence === 'self' ? 'の回答' : ''}`,
            },
          ]),
    ],
    next: NEXT[own.status],
    answerHref: answerHref(token),
    // The link may have been passed on: names of people who have looked, not those they sign in with.
    looks: receipt.looks.map((look) => ({
      ...toLookView(look),
      who: look.actorName ?? actorLabel(look.actor, null),
    })),
  };
}

export function frameOf({ own, contact, expiresOn, managersSeeNames }: AnswerPage) {
  return {
    whose: [own.unitName, `職員番号の末尾が「${own.number.slice(-2)}」の方`].filter(Boolean).join('、'),
    contact,
    open: own.unitName !== null,
    expires: formatDate(expiresOn),
    readers: [
      { who: '人事課の担当', what: '氏名と回答' },
      {
        who: '所属長',
        what: managersSeeNames ? '自分の所属の職員の氏名と、保有の有無' : '自分の所属の人数だけ',
      },
      { who: '市長・部局長', what: '所属ごとの人数だけ' },
    ],
  };
}

function recordWords({ own }: AnswerPage): string {
  return `${formatDate(own.since!)}から、${EVIDENCE_LABELS[own.evidence!]}の記録`;
}
