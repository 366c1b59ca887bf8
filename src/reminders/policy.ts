import { AppError } from '../platform/errors.js';

/** A standing rule: who hears what. More of them are added here. */
export interface Policy {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Folder under templates/messages. */
  readonly template: string;
}

export const POLICIES: readonly Policy[] = [
  {
    name: 'manager-monthly',
    title: '所属長への月次の案内',
    description:
      '保有率が目標に届いていない所属の所属長に、月に1通、率と残りの人数(氏名なし)を知らせ、所属の全員への案内をお願いします。',
    template: 'manager-monthly',
  },
];

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
