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
  'card_event_recorded',
  'exception_requested',
  'exception_decided',
  'staff_list_viewed',
  'staff_record_viewed',
  'export_downloaded',
  'goal_set',
  'city_set',
  'month_closed',
  'wave_started',
  'wave_finished',
] as const;

export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** Ids, codes, counts and days only: no names, addresses, statuses or anything a person has typed. */
export type AuditDetails = Readonly<
  Record<string, string | number | boolean | null | readonly (string | number)[]>
>;

export interface AuditEntry {
  /** `Scope.actor`. */
  readonly actor: string;
  readonly action: AuditAction;
  /** What it was done to, as `kind:id` (`user:3`, `staff:0012`, `unit:0101`, `month:2022-10`); empty when nothing is known. */
  readonly target?: string;
  readonly details?: AuditDetails;
}
