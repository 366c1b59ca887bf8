import { createHash } from 'node:crypto';

/** A row of the audit record as it is chained. */
export interface ChainedEvent {
  /** Place in the chain: 1, 2, 3 … */
  readonly seq: number;
  readonly id: number;
  /** UTC with microseconds: `2022-12-05T00:00:00.000000Z`. */
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly details: unknown;
}

/** How far a chain reaches: enough to tell later whether everything up to here is still there. */
export interface ChainAnchor {
  readonly rows: number;
  /** Hash of the last of them, hexadecimal. */
  readonly head: string;
}

export type ChainFault =
  | 'altered' // the row's hash is not that of its content, or of another predecessor
  | 'removed' // its place in the chain is empty
  | 'end' // rows are missing at the end, or were added past it
  | 'anchor'; // the chain is sound but is not the one that was noted earlier

export interface ChainVerdict extends ChainAnchor {
  readonly firstBroken: number | null;
  readonly fault: ChainFault | null;
}

/** What stands before the first row: differs between installations, so that rows of one never fit another. */
export function genesis(chainId: string): string {
  return sha256(chainId);
}

/**
 * SHA-256 of `<previous hash, hexadecimal>\n<canonical row>`. The canonical row is the JSON text of
 * `[seq, id, at, actor, action, target, details]` without spaces, the keys of objects in the order of their UTF-16
 * code units: however the database stores or orders them.
 */
export function chainHash(previous: string, event: ChainedEvent): string {
  const { seq, id, at, actor, action, target, details } = event;
  return sha256(`${previous}\n${JSON.stringify([seq, id, at, actor, action, target, sorted(details)])}`);
}

/** Walks a chain row by row, in the order of `seq`. */
export class ChainWalk {
  rows = 0;
  private broken: { row: number; fault: ChainFault } | null = null;
  private readonly anchors: Map<number, string[]>;
  private readonly last: number;

  constructor(
    private head: string,
    anchors: readonly ChainAnchor[],
  ) {
    this.last = Math.max(0, ...anchors.map((anchor) => anchor.rows));
    this.anchors = new Map();
    for (const { rows, head: noted } of anchors)
      this.anchors.set(rows, [...(this.anchors.get(rows) ?? []), noted]);
    this.compareWithAnchors();
  }

  get isBroken(): boolean {
    return this.broken !== null;
  }

  add(event: ChainedEvent, hash: string): void {
    if (this.broken) return;
    const row = this.rows + 1;
    if (event.seq !== row) return this.fail(row, 'removed');
    if (chainHash(this.head, event) !== hash) return this.fail(row, 'altered');
    this.rows = row;
    this.head = hash;
    this.compareWithAnchors();
  }

  /** `end`: where the database says that the chain ends. */
  finish(end: ChainAnchor): ChainVerdict {
    if (!this.broken && (end.rows !== this.rows || end.head !== this.head)) {
      this.fail(Math.min(end.rows, this.rows) + 1, 'end');
    }
    if (!this.broken && this.last > this.rows) this.fail(this.rows + 1, 'end');
    return {
      rows: Math.max(end.rows, this.rows),
      head: end.head,
      firstBroken: this.broken?.row ?? null,
      fault: this.broken?.fault ?? null,
    };
  }

  private compareWithAnchors(): void {
    const noted = this.anchors.get(this.rows) ?? [];
    if (noted.some((head) => head !== this.head)) this.fail(this.rows, 'anchor');
  }

  private fail(row: number, fault: ChainFault): void {
    this.broken ??= { row, fault };
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, sorted(inner)] as const);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
