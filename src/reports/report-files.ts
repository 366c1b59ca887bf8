import { renderCsv } from './report-csv.js';
import type { ReportDocument } from './report-document.js';
import { renderJson } from './report-json.js';
import { renderPdf } from './report-pdf.js';

export const REPORT_FORMATS = ['pdf', 'xlsx', 'csv', 'json'] as const;

export type ReportFormat = (typeof REPORT_FORMATS)[number];

export interface ReportFile {
  readonly bytes: Buffer;
  readonly contentType: string;
  readonly fileName: string;
}

const WRITERS: Record<
  ReportFormat,
  { contentType: string; render(document: ReportDocument): Buffer | Promise<Buffer> }
> = {
  pdf: { contentType: 'application/pdf', render: renderPdf },
  xlsx: {
    contentType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    // What writes workbooks takes long to load, and most programs never write one.
    render: async (document) => (await import('./report-xlsx.js')).renderXlsx(document),
  },
  csv: { contentType: 'text/csv; charset=utf-8', render: renderCsv },
  json: { contentType: 'application/json; charset=utf-8', render: renderJson },
};

export function isReportFormat(text: string): text is ReportFormat {
  return (REPORT_FORMATS as readonly string[]).includes(text);
}

/** The same document gives the same bytes, in every format. */
export async function renderReport(document: ReportDocument, format: ReportFormat): Promise<ReportFile> {
  const { contentType, render } = WRITERS[format];
  return {
    bytes: await render(document),
    contentType,
    fileName: `mynumber-card-${document.month}.${format}`,
  };
}
