/**
 * Where to go after sign-in: `next` when it is a path of this site, otherwise the start page. A link that leads through
 * our sign-in must not end on somebody else's page.
 */
export function localPath(next: string | undefined): string {
  const HERE = 'http://here.invalid';
  if (!next?.startsWith('/') || !URL.canParse(next, HERE)) return '/';
  // The parser sees what a browser would: `//other`, `/\other` and tabs inside all leave this site.
  const url = new URL(next, HERE);
  const path = url.pathname + url.search;
  return url.origin === HERE && !path.startsWith('//') && !url.pathname.startsWith('/sign-') ? path : '/';
}
