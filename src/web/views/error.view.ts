/** What went wrong, as the problem filter describes it. */
export interface ErrorPageInput {
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly reference: string;
}

export interface ErrorPageView {
  readonly kicker: string;
  readonly heading: string;
  readonly detail: string;
  readonly reference: string;
  /** Null for whoever has no account: every other page asks for one. */
  readonly backHref: string | null;
  readonly backLabel: string;
}

/** What happened, why, and where to go from here. */
export function toErrorPageView(
  { title, status, detail, reference }: ErrorPageInput,
  alone = false,
): ErrorPageView {
  const notFound = status === 404;
  return {
    kicker: status >= 500 ? 'サーバーの問題' : '操作の結果',
    heading: notFound ? 'お探しのページまたは記録が見つかりません' : title,
    // The framework's own "not found" says no more than the heading.
    detail:
      notFound && detail === `${title}。`
        ? 'アドレスが変わったか、表示する権限のない所属の可能性があります。全体の画面から開き直してください。'
        : detail,
    reference,
    backHref: alone ? null : '/',
    backLabel: '最初の画面へ',
  };
}
