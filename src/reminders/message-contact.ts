/** Whom a message says to ask: what the city has set, else its personnel department. */
export function contactOf({ name, contact }: { readonly name: string; readonly contact: string }): string {
  return contact || `${name} 人事課`;
}
