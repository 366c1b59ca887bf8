/** What went wrong, in the few ways a door can answer it. */
export type ErrorKind =
  | 'invalid' // the request itself cannot be understood
  | 'refused' // understood, checked and refused; nothing was written
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'conflict' // not allowed in the present state
  | 'too_large'
  | 'rate_limited'
  | 'unavailable' // something this service needs does not answer now
  | 'not_available' // part of the contract that this version does not have yet
  | 'unexpected';

/** HTTP status and command-line exit code of each kind: the one mapping every door uses. */
export const ERROR_ANSWERS: Record<ErrorKind, { status: number; exitCode: 1 | 2 | 3; title: string }> = {
  invalid: { status: 400, exitCode: 2, title: '入力の形が正しくありません' },
  refused: { status: 422, exitCode: 2, title: '入力を受け付けられません' },
  unauthenticated: { status: 401, exitCode: 3, title: 'ログインが必要です' },
  forbidden: { status: 403, exitCode: 3, title: 'この操作の権限がありません' },
  not_found: { status: 404, exitCode: 3, title: '見つかりません' },
  conflict: { status: 409, exitCode: 3, title: 'いまの状態ではできません' },
  too_large: { status: 413, exitCode: 2, title: 'ファイルまたは入力が大きすぎます' },
  rate_limited: { status: 429, exitCode: 3, title: '操作の回数が多すぎます' },
  unavailable: { status: 503, exitCode: 1, title: 'いま使えません' },
  not_available: { status: 501, exitCode: 3, title: 'まだ使えない機能です' },
  unexpected: { status: 500, exitCode: 1, title: '予期しない問題が起きました' },
};

/**
 * The only error this code throws on purpose.
 * `code` is stable and machine-readable, `message` is a sentence in plain Japanese for the person who caused it
 * (what, where, what to do), `details` is data for the caller. None of them may hold personal data.
 */
export class AppError extends Error {
  constructor(
    readonly code: string,
    readonly kind: ErrorKind,
    message: string,
    readonly details: Record<string, unknown> = {},
  ) {
    super(message);
    this.name = 'AppError';
  }
}
