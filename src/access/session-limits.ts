const MINUTE = 60_000;
/** A session ends after this long without a request … */
export const IDLE_LIMIT_MS = 8 * 60 * MINUTE;
/** … and this long after the sign-in at the latest. */
export const ABSOLUTE_LIMIT_MS = 24 * 60 * MINUTE;
/** A write on every request would cost most of the throughput. */
export const TOUCH_INTERVAL_MS = MINUTE;
/** From leaving for the identity provider until coming back: long enough for a second factor. */
export const PROVIDER_SIGN_IN_MS = 10 * MINUTE;
