/**
 * A mail library reads `a@example.jp\r\nBcc: b@example.jp` or `a@example.jp, b@example.jp` as more than one recipient.
 * Nothing is sent to text that is not exactly one plain address: ASCII, unquoted, at most 254 characters. The last part
 * of the domain begins with a letter, or the library would read it as an IP address: `a@0` becomes `a@0.0.0.0`.
 */
const PLAIN_ADDRESS =
  /^(?=.{3,254}$)[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

export interface Mailbox {
  readonly name: string;
  readonly address: string;
}

export function isPlainAddress(text: string): boolean {
  return PLAIN_ADDRESS.test(text) && !text.endsWith('\n');
}

/** `address` or `display name <address>`; null for anything else. */
export function readMailbox(text: string): Mailbox | null {
  const match = /^(?:"?([^"<>\p{Cc}]*?)"?\s*<([^<>\s]+)>|([^<>\s]+))$/u.exec(text.trim());
  const address = match?.[2] ?? match?.[3] ?? '';
  return isPlainAddress(address) ? { name: (match?.[1] ?? '').trim(), address } : null;
}

/** A server's words without the address it speaks about, on one line, short enough for a table. */
export function withoutAddress(text: string, address: string): string {
  const local = address.slice(0, address.lastIndexOf('@'));
  return text
    .replaceAll(address, '(宛先)')
    .replace(/[^\s<>()@]+@[^\s<>()]+/g, '(宛先)')
    .split(/(\s+)/)
    .map((word) => (word.replace(/^[<"'(]+|[>"'):;,.]+$/g, '') === local ? '(宛先)' : word))
    .join('')
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, 200);
}

/** Why one person cannot be written to; null where it is possible. `shared` are addresses, in small letters, that others read, too. */
export function unreachable(
  email: string | null,
  shared: ReadonlySet<string>,
): 'no_own_address' | 'bad_address' | 'shared_address' | null {
  if (email === null) return 'no_own_address';
  if (!isPlainAddress(email)) return 'bad_address';
  return shared.has(email.toLowerCase()) ? 'shared_address' : null;
}
