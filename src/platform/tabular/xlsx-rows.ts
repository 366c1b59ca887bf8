/* oxlint-disable unicorn/require-post-message-target-origin -- threads have no origin */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { OpenTableOptions, TableRow } from './table.types.js';
import { UnreadableFile } from './unreadable-file.js';
import { xlsxCellText, type XlsxValue } from './xlsx-cell.js';
import { XlsxPartSearch } from './xlsx-search.js';
import { readZipDirectory, refuseZipBomb, unpack, type ZipEntry } from './zip-directory.js';

const MAX_UNPACKED_BYTES = 200_000_000;
const TIMEOUT_MS = 60_000;
const MACROS = /^xl\/(?:vbaProject|macrosheets\/)/i;
const XML_PART = /\.(?:xml|rels|vml)$/i;
/** Old-generation heap of the parsing thread: 100,000 rows of ten columns take a third of it. */
const WORKER_HEAP_MB = 1024;

interface WorkerInput {
  readonly hucre: string;
  readonly path: string;
  readonly sheet: string | null;
  readonly maxCharacters: number;
}
type WorkerRow = { row: number; values: XlsxValue[]; formats: (string | undefined)[] };
type WorkerMessage =
  { opened: string[] } | { rows: WorkerRow[] } | { done: true } | { refused: 'missing_sheet' | 'too_large' };

/**
 * The rows of a workbook's sheet. Sizes are checked before anything is unpacked, and parsing happens in a thread with
 * a limited heap and a time limit, so that a hostile file costs its sender an answer and the service nothing.
 */
export async function openXlsx(path: string, options: OpenTableOptions = {}) {
  const maxUnpacked = options.maxUnpackedBytes ?? MAX_UNPACKED_BYTES;
  const entries = await readZipDirectory(path);
  if (entries.some((entry) => entry.encrypted)) throw new UnreadableFile('encrypted_xlsx');
  if (!entries.some((entry) => entry.name === 'xl/workbook.xml')) throw new UnreadableFile('not_a_workbook');
  if (entries.some((entry) => MACROS.test(entry.name))) throw new UnreadableFile('macro_xlsx');
  refuseZipBomb(entries, maxUnpacked);
  const holdsIndividualNumber = await searchParts(path, entries);

  const thread = new ParsingThread(
    {
      hucre: pathToFileURL(createRequire(import.meta.url).resolve('hucre')).href,
      path,
      sheet: options.sheet ?? null,
      // A shared string may be shown by a million cells: what comes out is limited as well.
      maxCharacters: maxUnpacked,
    },
    options.timeoutMs ?? TIMEOUT_MS,
  );
  try {
    const first = await thread.next();
    if (!('opened' in first)) throw new UnreadableFile('broken_xlsx');
    return { sheets: first.opened, batches: batchesOf(thread), holdsIndividualNumber };
  } catch (error) {
    await thread.close();
    throw error;
  }
}

/** Unpacks every part once, so that none is larger than it says, and looks for individual numbers on the way. */
async function searchParts(path: string, entries: readonly ZipEntry[]): Promise<boolean> {
  let found = false;
  for (const entry of entries) {
    const search = XML_PART.test(entry.name) ? new XlsxPartSearch() : null;
    for await (const chunk of unpack(path, entry)) search?.push(chunk);
    if (search?.end()) found = true;
  }
  return found;
}

async function* batchesOf(thread: ParsingThread): AsyncGenerator<TableRow[]> {
  try {
    for (;;) {
      const message = await thread.next();
      if (!('rows' in message)) return;
      yield message.rows.map(({ row, values, formats }) => ({
        row,
        cells: values.map((value, i) => xlsxCellText(value, formats[i])),
      }));
    }
  } finally {
    await thread.close();
  }
}

/** Asks the thread for one message after the other; whatever ends the thread early ends in a refusal. */
class ParsingThread {
  private readonly worker: Worker;

  constructor(
    input: WorkerInput,
    private readonly timeoutMs: number,
  ) {
    // A function's source instead of a file: the same code runs from TypeScript under test and from the build.
    this.worker = new Worker(`(${parseWorkbook.toString()})()`, {
      eval: true,
      workerData: input,
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MB },
    });
    this.worker.unref();
  }

  next(): Promise<WorkerMessage> {
    const { worker } = this;
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void) => {
        clearTimeout(timer);
        worker.off('message', onMessage).off('error', onError).off('exit', onExit);
        settle();
      };
      const onMessage = (message: WorkerMessage) =>
        finish(() => ('refused' in message ? reject(new UnreadableFile(message.refused)) : resolve(message)));
      const onError = (error: NodeJS.ErrnoException) =>
        finish(() =>
          reject(new UnreadableFile(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'too_large' : 'broken_xlsx')),
        );
      const onExit = () => finish(() => reject(new UnreadableFile('broken_xlsx')));
      const timer = setTimeout(() => finish(() => reject(new UnreadableFile('too_large'))), this.timeoutMs);
      worker.on('message', onMessage).on('error', onError).on('exit', onExit);
      worker.postMessage('next');
    });
  }

  async close(): Promise<void> {
    // Errors of a thread that is being ended interest nobody.
    this.worker.on('error', () => undefined);
    await this.worker.terminate();
  }
}

/**
 * Runs in the thread, from its own source text: it can use nothing of this module. Sends one message for each 'next',
 * so that rows do not pile up on the other side.
 */
async function parseWorkbook(): Promise<void> {
  const { parentPort, workerData } = await import('node:worker_threads');
  const { readFileSync } = await import('node:fs');
  const { path, sheet, maxCharacters, hucre } = workerData as WorkerInput;
  const { readXlsx } = (await import(hucre)) as typeof import('hucre');
  const { default: events } = await import('node:events');
  const requests = events.on(parentPort!, 'message');
  const send = async (message: WorkerMessage) => {
    await requests.next();
    parentPort!.postMessage(message);
  };

  const names: string[] = [];
  let chosen = -1;
  const book = await readXlsx(readFileSync(path), {
    readStyles: true,
    sheets: (info) => {
      names.push(info.name);
      const wanted =
        sheet === null ? !info.hidden && !info.veryHidden : info.name.normalize('NFKC') === sheet;
      if (!wanted || chosen >= 0) return false;
      chosen = info.index;
      return true;
    },
  });
  const table = book.sheets[0];
  if (!table) return send({ refused: 'missing_sheet' });
  await send({ opened: names });

  const last = table.rows.findLastIndex((row) => row?.some((value) => value !== null && value !== ''));
  let characters = 0;
  let rows: WorkerRow[] = [];
  for (let r = 0; r <= last; r++) {
    const values = (table.rows[r] ?? []) as XlsxValue[];
    const formats: (string | undefined)[] = [];
    for (let c = 0; c < values.length; c++) {
      const value = values[c];
      if (typeof value === 'number') formats[c] = table.cells?.get(`${r},${c}`)?.style?.numFmt;
      else if (typeof value === 'string') characters += value.length;
    }
    if (characters > maxCharacters) return send({ refused: 'too_large' });
    rows.push({ row: r + 1, values, formats });
    if (rows.length === 500) {
      await send({ rows });
      rows = [];
    }
  }
  if (rows.length > 0) await send({ rows });
  await send({ done: true });
}
