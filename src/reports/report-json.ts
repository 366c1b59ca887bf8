import type { ReportDocument } from './report-document.js';

/** The document itself. Keys in alphabetical order, so that its bytes do not depend on how it was put together. */
export function renderJson(document: ReportDocument): Buffer {
  return Buffer.from(`${JSON.stringify(sorted(document), null, 2)}\n`, 'utf8');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, sorted(inner)] as const);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
