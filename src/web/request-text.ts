/** A query parameter or form field as one trimmed text; undefined where it is empty, missing or given twice. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value.trim() || undefined : undefined;
}

/** A field that may be given several times, as the texts that are not empty. */
export function textsOf(value: unknown): string[] {
  return [value].flat().flatMap((one) => textOf(one) ?? []);
}
