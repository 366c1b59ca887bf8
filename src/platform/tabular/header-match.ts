import type { TableHeader, TableSpec } from './table.types.js';

/** How a header is compared: NFKC, no spaces, no marks around it, no case. */
export function normaliseHeader(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s\p{Cf}\p{Cc}*※★●■□◆:;。、,・\-‐-―−_./"']/gu, '');
}

/** The same without what stands in brackets: 氏名(漢字) → 氏名. */
function withoutBrackets(text: string): string {
  const bare = text.normalize('NFKC').replace(/[([{【〔〈《「<][^)\]}】〕〉》」>]*[)\]}】〕〉》」>]/gu, '');
  return normaliseHeader(bare);
}

export interface HeaderMatch<Key extends string> {
  /** Index of the cell of each key that was found. */
  readonly columns: ReadonlyMap<Key, number>;
  /** Key of each cell, null where the column is not used. */
  readonly keys: readonly (Key | null)[];
  /** Cells that could each be the column of a key. */
  readonly doubles: readonly { readonly key: Key; readonly cells: readonly number[] }[];
}

/** Recognises the headers of a table by the synonyms of its spec. */
export class HeaderMatcher<Key extends string> {
  private readonly known = new Map<string, Key>();

  constructor(private readonly spec: TableSpec<Key>) {
    for (const { key, label, synonyms } of spec.columns) {
      for (const name of [label, ...synonyms]) this.known.set(bracketsOpened(name), key);
    }
  }

  match(cells: readonly string[]): HeaderMatch<Key> {
    // The whole header counts before the one without brackets, so that 氏名(カナ) is never taken for 氏名.
    const whole = this.keysOf(cells, (cell) => this.known.get(bracketsOpened(cell)));
    const taken = new Set(whole);
    const keys = this.keysOf(cells, (cell, i) => {
      if (whole[i]) return whole[i];
      const key = this.known.get(withoutBrackets(cell));
      return key && !taken.has(key) ? key : undefined;
    });
    const places = new Map<Key, number[]>();
    keys.forEach((key, i) => key && places.set(key, [...(places.get(key) ?? []), i]));
    return {
      keys,
      columns: new Map([...places].map(([key, [first]]) => [key, first])),
      doubles: [...places].flatMap(([key, found]) => (found.length > 1 ? [{ key, cells: found }] : [])),
    };
  }

  holdsRequired({ columns }: HeaderMatch<Key>): boolean {
    return this.spec.required.some((keys) => keys.every((key) => columns.has(key)));
  }

  /** What a row lacks to be the header row, by the alternative it comes nearest to. */
  missing(columns: ReadonlyMap<Key, number>): { key: Key; alternatives: Key[] }[] {
    const lacking = this.spec.required.map((keys) => keys.filter((key) => !columns.has(key)));
    const fewest = Math.min(...lacking.map((keys) => keys.length));
    const nearest = lacking.find((keys) => keys.length === fewest) ?? [];
    const always = this.spec.required.reduce((a, b) => a.filter((key) => b.includes(key)));
    return nearest.map((key) => ({
      key,
      alternatives: always.includes(key)
        ? []
        : [...new Set(lacking.flat())].filter((other) => other !== key && !always.includes(other)),
    }));
  }

  private keysOf(
    cells: readonly string[],
    keyOf: (cell: string, index: number) => Key | undefined,
  ): (Key | null)[] {
    return cells.map((cell, i) => (cell.length > 100 ? null : (keyOf(cell, i) ?? null)));
  }
}

/** 氏名(カナ) and 氏名カナ are one header. */
function bracketsOpened(text: string): string {
  return normaliseHeader(text.normalize('NFKC').replace(/[()[\]{}【】〔〕〈〉《》「」<>]/gu, ''));
}

/** Cells without the blank ones at the end. */
export function trimmedHeader(header: Pick<TableHeader, 'cells'>): readonly string[] {
  let { length } = header.cells;
  while (length > 0 && header.cells[length - 1].trim() === '') length--;
  return header.cells.slice(0, length);
}
