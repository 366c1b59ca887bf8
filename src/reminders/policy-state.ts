/** A fresh city has every policy proposed; it is on from the moment HR confirms it, and catches up on nothing before. */
export type PolicyState = 'proposed' | 'on' | 'off';

export const POLICY_STATE_LABELS: Record<PolicyState, string> = {
  proposed: '確認待ち',
  on: 'オン',
  off: 'オフ',
};
