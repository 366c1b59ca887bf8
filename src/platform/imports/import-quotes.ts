import type { EntityManager } from 'typeorm';
import type { ImportKind } from './import-report.js';

/** How a text can name a person: a number as a whole, everything else anywhere in it. */
export interface Naming {
  readonly numbers: readonly string[];
  readonly spellings: readonly string[];
}

interface Quoting {
  id: number;
  file_names: string[];
  report: Record<string, unknown>;
}

/** Shorter parts of a name would be found in ordinary words. */
const SHORTEST = 2;

/** Takes out of the reports of imports, and of the names of their files, every text that names one of the people. */
export async function eraseQuotesOf(em: EntityManager, people: readonly Naming[]): Promise<void> {
  const names = namesAnyOf(people);
  const scrub = (value: unknown): unknown => {
    if (typeof value === 'string') return names(value) ? '' : value;
    if (Array.isArray(value)) return value.map(scrub);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, scrub(inner)]));
  };
  for (let after = 0; ;) {
    const batches: Quoting[] = await em.query(
      'SELECT id, file_names, report FROM import_batch WHERE id > $1 ORDER BY id LIMIT 100',
      [after],
    );
    if (batches.length === 0) return;
    after = batches.at(-1)!.id;
    for (const { id, file_names, report } of batches) {
      const clean = { files: scrub(file_names), report: scrub(report) };
      if (JSON.stringify(clean) === JSON.stringify({ files: file_names, report })) continue;
      await em.query('UPDATE import_batch SET file_names = $2, report = $3 WHERE id = $1', [
        id,
        clean.files,
        JSON.stringify(clean.report),
      ]);
    }
  }
}

/** Previews of these kinds that nobody has applied are not applied any more; their files are for the caller to remove. */
export async function discardWaiting(em: EntityManager, kinds: readonly ImportKind[]): Promise<number[]> {
  const [rows]: [{ id: number }[], number] = await em.query(
    `UPDATE import_batch SET state = 'discarded' WHERE state = 'previewed' AND kind = ANY ($1) RETURNING id`,
    [kinds],
  );
  return rows.map(({ id }) => id);
}

/** Empties what the reports of imports before the instant quote from their files; rows, columns and reasons stay. */
export async function forgetQuotes(em: EntityManager, before: Date): Promise<void> {
  await em.query(
    `UPDATE import_batch SET report = report || jsonb_build_object(
       'quotesForgotten', true,
       'problems', coalesce((SELECT jsonb_agg(p || '{"read": ""}' ORDER BY n)
                             FROM jsonb_array_elements(report -> 'problems') WITH ORDINALITY AS q (p, n)), '[]'),
       'warnings', coalesce((SELECT jsonb_agg(w || '{"message": ""}' ORDER BY n)
                             FROM jsonb_array_elements(report -> 'warnings') WITH ORDINALITY AS q (w, n)), '[]'))
     WHERE created_at < $1 AND state <> 'previewed' AND NOT report ? 'quotesForgotten'`,
    [before],
  );
}

function namesAnyOf(people: readonly Naming[]): (text: string) => boolean {
  const spellings = people
    .flatMap((person) => person.spellings)
    .map(folded)
    .filter((spelling) => [...spelling].length >= SHORTEST);
  const numbers = new Set(people.flatMap((person) => person.numbers).map(folded));
  return (text) => {
    const plain = folded(text);
    if (spellings.some((spelling) => plain.includes(spelling))) return true;
    // Before the spaces go, and in words of letters and digits: 12 is not a part of 0123.
    return (
      text
        .normalize('NFKC')
        .toLowerCase()
        .match(/[\p{L}\p{N}._-]+/gu) ?? []
    ).some(
      (word) => numbers.has(word) || (word.match(/[0-9]+/g) ?? []).some((digits) => numbers.has(digits)),
    );
  };
}

/** As readers compare: width, case and spaces make no difference. */
function folded(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s/gu, '');
}
