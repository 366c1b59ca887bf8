import type { SuppressionReason } from './manager-message.js';

const SUPPRESSED: Record<SuppressionReason, string> = {
  no_address: '所属長にも所属にもメールアドレスがありません',
  bad_address: 'メールアドレスの形が正しくありません',
  unit_ended: '配信日には廃止されている所属です',
};

/** A delivery's reason as HR reads it: ours by its code, a mail server's in its own words. */
export function reasonLabel(reason: string): string {
  return SUPPRESSED[reason as SuppressionReason] ?? reason;
}
