import type { Multipart } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../errors.js';
import { isIsoDate } from '../month.js';
import { refuseIn } from '../request-text.js';
import type { ImportKind, ImportRequest, InputFile } from './import-report.js';
import type { UploadStore } from './upload-store.js';

export const MAX_UPLOAD_BYTES = 50_000_000;
const MAX_FILE_NAME = 200;
/** What separates the parts, of 70 characters at most (RFC 2046); the parser fails at longer ones. */
const BOUNDARY = /;\s*boundary=(?:"[^"]{1,70}"|[^\s";]{1,70})\s*(?:;|$)/i;

/** A multipart form as it came: files by field (several may share one) and plain fields. */
export interface Upload {
  readonly files: ReadonlyMap<string, readonly InputFile[]>;
  readonly fields: ReadonlyMap<string, string>;
}

/**
 * Streams the parts of a multipart request to disk. `onFirstFile` runs after the fields that stand before the first
 * file, which is where a form's token is checked. Throws `file_too_large`, `bad_upload`, `individual_number` (in a
 * field or a file's name); then nothing is kept.
 */
export async function readUpload(
  request: FastifyRequest,
  store: UploadStore,
  onFirstFile: (fields: ReadonlyMap<string, string>) => void = () => undefined,
): Promise<Upload> {
  if (!request.isMultipart() || !BOUNDARY.test(request.headers['content-type'] ?? '')) {
    throw new AppError(
      'bad_upload',
      'invalid',
      'ファイルは multipart/form-data の file に入れて送ってください。',
    );
  }
  const files = new Map<string, InputFile[]>();
  const fields = new Map<string, string>();
  let checked = false;
  try {
    for await (const part of request.parts() as AsyncIterableIterator<Multipart>) {
      refuseIn(part.fieldname, '');
      if (part.type === 'field') {
        const text = String(part.value ?? '');
        refuseIn(text, part.fieldname);
        fields.set(part.fieldname, text);
        continue;
      }
      if (!checked) {
        checked = true;
        onFirstFile(fields);
      }
      // A form sends a part without a name for a file that was not chosen.
      const name = shownName(part.filename ?? '');
      refuseIn(name, part.fieldname);
      const file = await store.receive(name, part.file);
      if (name === '') await store.drop([file]);
      else files.set(part.fieldname, [...(files.get(part.fieldname) ?? []), file]);
      if (part.file.truncated) {
        throw tooLarge();
      }
    }
    if (!checked) onFirstFile(fields);
    return { files, fields };
  } catch (error) {
    // What is left of the form stands before the next request on this connection, which would wait for ever.
    request.raw.unpipe().resume();
    await store.drop([...files.values()].flat());
    throw error instanceof AppError ? error : toUploadError(error);
  }
}

/** What a browser calls the file, on one line and without a path; it only ever serves to be shown. */
function shownName(sent: string): string {
  const name = sent
    .split(/[/\\]/)
    .at(-1)!
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .normalize('NFC')
    .trim();
  return [...name].slice(0, MAX_FILE_NAME).join('');
}

/** The form was cut off, is no form, or has more parts than we take: its sender's fault, whatever the library says. */
function toUploadError(error: unknown): unknown {
  const { code, message } = error as { code?: string; message?: string };
  if (code === 'FST_REQ_FILE_TOO_LARGE') return tooLarge();
  if (code?.startsWith('FST_') || /multipart|Malformed part header|premature close/i.test(message ?? '')) {
    return new AppError(
      'bad_upload',
      'invalid',
      '送信されたファイルを最後まで読み取れません。もう一度送信してください。',
    );
  }
  return error;
}

function tooLarge(): AppError {
  return new AppError(
    'file_too_large',
    'too_large',
    `ファイルが大きすぎます。${MAX_UPLOAD_BYTES / 1_000_000}MB以下のファイルに分けてください。`,
  );
}

/** Throws `bad_upload`, `bad_date` with the field that is meant. */
export function toImportRequest(kind: ImportKind, { files, fields }: Upload): ImportRequest {
  const [main, ...others] = files.get('file') ?? [];
  if (!main) throw new AppError('bad_upload', 'invalid', 'ファイルを選んでください。', { field: 'file' });
  const asOf = fields.get('asOf')?.trim() || undefined;
  if (asOf !== undefined && !isIsoDate(asOf)) {
    throw new AppError('bad_date', 'invalid', '基準日は 2022-10-31 のように実在する日を指定してください。', {
      field: 'asOf',
    });
  }
  if (asOf === undefined && kind === 'reorganisation') {
    throw new AppError('bad_date', 'invalid', '組織改正の日を指定してください。', { field: 'asOf' });
  }
  const confirmed = fields.get('confirmDepartures')?.trim() || undefined;
  if (confirmed !== undefined && !/^\d{1,9}$/.test(confirmed)) {
    throw new AppError('bad_upload', 'invalid', 'いなくなる人数は数字で入力してください。', {
      field: 'confirmDepartures',
    });
  }
  return {
    kind,
    files: kind === 'citizens' ? [main, ...others] : [main],
    unitsFile: kind === 'roster' ? files.get('units')?.[0] : undefined,
    asOf,
    scopeCode: kind === 'roster' ? fields.get('scope')?.trim() || undefined : undefined,
    confirmDepartures: confirmed === undefined ? undefined : Number(confirmed),
    dryRun: true,
  };
}
