import type { SuppressionReason } from './planned-wave.js';

/** Ours, by code. What is none of these is a mail server's answer in its own words. */
const REASONS: Record<SuppressionReason | GoneReason | EngineReason, string> = {
  no_address: '所属長にも所属にもメールアドレスがありません',
  bad_address: 'メールアドレスの形が正しくありません',
  unit_ended: '配信日には廃止されている所属です',
  held: '送る前にカードの保有を確認しました',
  exempt: '送る前に例外が承認されました',
  undisclosed: '送る前に「回答しない」を選びました',
  left: '送る前に名簿の対象から外れました',
  cancelled: '配信回が中止されました',
  interrupted: '送信の途中でサービスが止まり、届いたか分かりません',
  assumed_sent: '届いたか分からなかったため、人事課が送信済みとしました',
  size: '件数が多いため、内容を確かめてから始めます',
  overdue: '予定の日時を過ぎたため、送ってよいか確かめてから続けます',
  outside_hours: '送ってよい時間帯ではないため、次に開く時刻に続けます',
  daily_limit: '1日に送る件数の上限に達しました。残りは翌日に送ります',
};

/** Why a person is not written to any more, found right before sending. */
type GoneReason = 'held' | 'exempt' | 'undisclosed' | 'left';
type EngineReason =
  'cancelled' | 'interrupted' | 'assumed_sent' | 'size' | 'overdue' | 'outside_hours' | 'daily_limit';

/** A reason as HR reads it. */
export function reasonLabel(reason: string): string {
  return REASONS[reason as keyof typeof REASONS] ?? reason;
}
