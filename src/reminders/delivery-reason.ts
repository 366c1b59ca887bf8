import { formatDate } from '../platform/japanese-format.js';
import type { SuppressionReason } from './planned-wave.js';

/** Followed by the last day. */
const EXEMPT_UNTIL = 'exempt_until:';

/** Ours, by code. What is none of these is a mail server's answer in its own words. */
const REASONS: Record<
  Exclude<SuppressionReason, `${typeof EXEMPT_UNTIL}${string}`> | GoneReason | EngineReason,
  string
> = {
  no_address: '所属長にも所属にもメールアドレスがありません',
  bad_address: 'メールアドレスの形が正しくありません',
  unit_ended: '配信日には廃止されている所属です',
  no_own_address: '名簿に本人のメールアドレスがありません',
  shared_address: '同じアドレスをほかの人も使っているため、本人だけには届きません',
  same_address: '同じアドレスに、この配信回の1通を送ります',
  already_told: 'この案内は前に送っています',
  too_soon: '前の案内から間もないため、今回は送りません',
  enough_this_year: '1年に送る件数の上限に達しています',
  small_group: '少ない人数が分かるため、共用のメールやチャットには送りません',
  held: '送る前にカードの保有を確認しました',
  exempt: '送る前に例外が承認されました',
  undisclosed: '「回答しない」を選んでいます',
  not_held: '送る前に、カードを保有していないことを確認しました',
  renewed: '送る前に、記録の有効期限が変わりました',
  left: '送る前に名簿の対象から外れました',
  other_manager: '送る前に、この所属の長ではなくなりました',
  later_wave: '同じ方針の新しい案内があるため、前の案内は送りません',
  exception_changed: '送る前に、例外の申請や期間が変わりました',
  cancelled: '配信回が中止されました',
  interrupted: '送信の途中でサービスが止まり、届いたか分かりません',
  assumed_sent: '届いたか分からなかったため、人事課が送信済みとしました',
  size: '件数が多いため、内容を確かめてから始めます',
  overdue: '予定の日時を過ぎたため、送ってよいか確かめてから続けます',
  outside_hours: '送ってよい時間帯ではないため、次に開く時刻に続けます',
  daily_limit: '1日に送る件数の上限に達しました。残りは翌日に送ります',
};

/** Why a person is not written to any more, found right before sending. */
type EngineReason =
  'cancelled' | 'interrupted' | 'assumed_sent' | 'size' | 'overdue' | 'outside_hours' | 'daily_limit';
type GoneReason =
  | 'held'
  | 'exempt'
  | 'undisclosed'
  | 'left'
  | 'not_held'
  | 'renewed'
  | 'other_manager'
  | 'later_wave'
  | 'exception_changed';

/** A reason as HR reads it. */
export function reasonLabel(reason: string): string {
  if (reason.startsWith(EXEMPT_UNTIL))
    return `例外が承認されています(${formatDate(reason.slice(EXEMPT_UNTIL.length))}まで)`;
  return REASONS[reason as keyof typeof REASONS] ?? reason;
}
