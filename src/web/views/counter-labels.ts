import type { Counts } from '../../adoption/rate.js';
import { CARD_STATUS_LABELS } from '../../ledger/card-status.js';

/** Everything that is counted, in the order of tables, as it is called on pages. */
export const COUNTER_LABELS: readonly (readonly [keyof Counts, string])[] = [
  ['staff', '職員'],
  ['held', CARD_STATUS_LABELS.held],
  ['applied', CARD_STATUS_LABELS.applied],
  ['notApplied', CARD_STATUS_LABELS.not_applied],
  ['undisclosed', CARD_STATUS_LABELS.undisclosed],
  ['unanswered', CARD_STATUS_LABELS.unanswered],
  ['lapsed', CARD_STATUS_LABELS.lapsed],
  ['exempt', '例外'],
];
