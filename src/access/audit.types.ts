/** Every action that leaves a trace. Add freely; never rename one, old rows keep its name. */
export const AUDIT_ACTIONS = [
  'sign_in',
  'sign_in_failed',
  'sign_out',
  'user_added',
  'password_changed',
  'password_reset',
  'user_disabled',
  'user_enabled',
  'user_linked',
  'sessions_ended',
  'grant_added',
  'grant_revoked',
  'token_added',
  'token_revoked',
  'token_refused',
  'setting_changed',
  'import_previewed',
  'import_applied',
  'import_discarded',
  'import_withdrawn',
  'card_event_recorded',
  'exception_requested',
  'exception_decided',
  'exception_appealed',
  'staff_list_viewed',
  'staff_record_viewed',
  'staff_record_exported',
  'staff_renumbered',
  'staff_erased',
  'exceptions_viewed',
  'audit_viewed',
  'export_downloaded',
  'goal_set',
  'city_set',
  'definition_set',
  'policy_set',
  'template_set',
  'month_closed',
  'month_released',
  'wave_started',
  'wave_finished',
  'wave_paused',
  'wave_resumed',
  'wave_confirmed',
  'wave_cancelled',
  'wave_tested',
  'unknown_resent',
  'unknown_kept',
  'bounces_read',
  'delivery_viewed',
  'answer_links_retired',
] as const;

export type AuditAction = (typeof AUDIT_ACTIONS)[number];

export const AUDIT_ACTION_LABELS: Record<AuditAction, string> = {
  sign_in: 'ログイン',
  sign_in_failed: 'ログインの失敗',
  sign_out: 'ログアウト',
  user_added: '利用者の追加',
  password_changed: 'パスワードの変更',
  password_reset: 'パスワードの再発行',
  user_disabled: '利用者の停止',
  user_enabled: '利用者の再開',
  user_linked: '利用者と職員の結び付け',
  sessions_ended: 'ログインの打ち切り',
  grant_added: '権限の付与',
  grant_revoked: '権限の取消し',
  token_added: 'APIトークンの発行',
  token_revoked: 'APIトークンの取消し',
  token_refused: 'APIトークンの拒否',
  setting_changed: '設定の変更',
  import_previewed: '取込の確認',
  import_applied: '取込の反映',
  import_discarded: '取込の取りやめ',
  import_withdrawn: '取込の取り下げ',
  card_event_recorded: '取得状況の記録',
  exception_requested: '例外の申請',
  exception_decided: '例外の決定',
  exception_appealed: '例外の却下への不服の申し出',
  staff_list_viewed: '職員一覧の閲覧',
  staff_record_viewed: '個人の記録の閲覧',
  staff_record_exported: '個人の記録の開示',
  staff_renumbered: '職員番号の変更',
  staff_erased: '個人の記録の消去',
  exceptions_viewed: '例外一覧の閲覧',
  audit_viewed: '操作の記録の閲覧',
  export_downloaded: 'ファイルの保存',
  goal_set: '目標の設定',
  city_set: '団体の設定',
  definition_set: '集計定義の設定',
  policy_set: 'リマインド方針の切り替え',
  template_set: '文面の変更',
  month_released: 'オープンデータとして公開',
  month_closed: '月次締め',
  wave_started: '配信の開始',
  wave_finished: '配信の終了',
  wave_paused: '配信の一時停止',
  wave_resumed: '配信の再開',
  wave_confirmed: '配信の確認',
  wave_cancelled: '配信の中止',
  wave_tested: '配信の試し送り',
  unknown_resent: '不明な配信の再送',
  unknown_kept: '不明な配信を送信済みに',
  bounces_read: '不達通知の読込み',
  delivery_viewed: '配信の閲覧',
  answer_links_retired: '回答リンクの無効化',
};

/** What leaves the trace that somebody's record was seen; `details.staff` lists people seen together. */
export const LOOKS = [
  'staff_list_viewed',
  'staff_record_viewed',
  'staff_record_exported',
  'exceptions_viewed',
  'delivery_viewed',
] as const satisfies readonly AuditAction[];

/** Ids, codes, counts and days only: no names, addresses, statuses or anything a person has typed. */
export type AuditDetails = Readonly<
  Record<string, string | number | boolean | null | readonly (string | number)[]>
>;

export interface AuditEntry {
  /** `Scope.actor`. */
  readonly actor: string;
  readonly action: AuditAction;
  /** What it was done to, as `kind:id` (`user:3`, `staff:12`, `unit:0101`, `month:2022-10`); empty when nothing is known. */
  readonly target?: string;
  readonly details?: AuditDetails;
}
