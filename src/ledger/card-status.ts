/** The six statuses a person can be in, in the order they are shown. */
export const CARD_STATUSES = [
  'held',
  'applied',
  'not_applied',
  'undisclosed',
  'unanswered',
  'lapsed',
] as const;
export type CardStatus = (typeof CARD_STATUSES)[number];

export const CARD_STATUS_LABELS: Record<CardStatus, string> = {
  held: '保有',
  applied: '申請中',
  not_applied: '未申請',
  undisclosed: '回答しない',
  unanswered: '未回答',
  lapsed: '失効・返納',
};

/** What people may say of themselves, in the order they are asked. */
export const SELF_STATUSES = [
  'held',
  'applied',
  'not_applied',
  'undisclosed',
] as const satisfies CardStatus[];
export type SelfStatus = (typeof SELF_STATUSES)[number];

export const EVIDENCES = ['self', 'manager', 'hr', 'import'] as const;
export type Evidence = (typeof EVIDENCES)[number];

export const EVIDENCE_LABELS: Record<Evidence, string> = {
  self: '本人',
  manager: '所属長',
  hr: '人事',
  import: '取込',
};

export function isCardStatus(text: string): text is CardStatus {
  return (CARD_STATUSES as readonly string[]).includes(text);
}
