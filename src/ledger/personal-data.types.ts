import type { EntityManager } from 'typeorm';

/** Whose personal data is being erased, and every spelling by which a text could name the person. */
export interface Leaver {
  readonly id: number;
  readonly number: string;
  readonly formerNumbers: readonly string[];
  readonly lastDay: string;
  /** Names, readings and addresses, also earlier ones. */
  readonly spellings: readonly string[];
}

/** Text, a day (`2022-10-31`), an instant, or nothing. */
export type ExportValue = string | number | boolean | Date | null;

/** One table of a person's export. */
export interface ExportSection {
  readonly key: string;
  readonly title: string;
  readonly columns: readonly { readonly key: string; readonly label: string }[];
  readonly rows: readonly Readonly<Record<string, ExportValue>>[];
}

/** A room that keeps something about people: it can hand it out and erase it. */
export interface PersonalDataHolder {
  collect(em: EntityManager, staffId: number): Promise<ExportSection[]>;
  /**
   * In the transaction that erases the people. Files go at once: should the transaction fail, the next run repeats it.
   */
  erase(em: EntityManager, leavers: readonly Leaver[]): Promise<void>;
}
