import type { Multipart } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../errors.js';
import { containsIndividualNumber } from '../individual-number.js';
import { isIsoDate } from '../month.js';
import type { ImportKind, ImportRequest, InputFile } from './import-report.js';
import type { UploadStore } from './upload-store.js';

/** A multipart form as it came: files by field (several may share one) and plain fields. */
export interface Upload {
  readonly files: ReadonlyMap<string, readonly InputFile[]>;
  readonly fields: ReadonlyMap<string, string>;
}

/**
 * Streams the parts of a multipart request to disk. `onFirstFile` runs after the fields that stand before the first
 * file, which is where a form's token is checked. Throws `file_too_large`, `bad_upload`; then nothing is kept.
 */
export async function readUpload(
  request: FastifyRequest,
  store: UploadStore,
  onFirstFile: (fields: ReadonlyMap<string, string>) => void = () => undefined,
): Promise<Upload> {
  if (!request.isMultipart()) {
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
      if (part.type === 'field') {
        fields.set(part.fieldname, String(part.value ?? ''));
        continue;
      }
      if (!checked) {
        checked = true;
        onFirstFile(fields);
      }
      const file = await store.receive(part.filename, part.file);
      // A form sends an empty part for a file that was not chosen.
      if (part.filename === '') await store.drop([file]);
      else files.set(part.fieldname, [...(files.get(part.fieldname) ?? []), file]);
      if (part.file.truncated) {
        throw new AppError(
          'file_too_large',
          'too_large',
          'ファイルが大きすぎます。50MB以下のファイルに分けてください。',
        );
      }
    }
    if (!checked) onFirstFile(fields);
    return { files, fields };
  } catch (error) {
    await store.drop([...files.values()].flat());
    if ((error as { code?: unknown }).code === 'FST_REQ_FILE_TOO_LARGE') {
      throw new AppError(
        'file_too_large',
        'too_large',
        'ファイルが大きすぎます。50MB以下のファイルに分けてください。',
      );
    }
    throw error;
  }
}

/** Throws `bad_upload`, `bad_date`, `individual_number` with the field that is meant. */
export function toImportRequest(kind: ImportKind, { files, fields }: Upload): ImportRequest {
  for (const [field, text] of fields) {
    if (containsIndividualNumber(text)) {
      throw new AppError(
        'individual_number',
        'refused',
        '入力欄に個人番号(マイナンバー)と読める12桁の数字があるため、受け付けていません。',
        { field },
      );
    }
  }
  const [main, ...others] = files.get('file') ?? [];
  if (!main) throw new AppError('bad_upload', 'invalid', 'ファイルを選んでください。', { field: 'file' });
  const asOf = fields.get('asOf')?.trim() || undefined;
  if (asOf !== undefined && !isIsoDate(asOf)) {
    throw new AppError('bad_date', 'invalid', '基準日は 2022-10-31 のように実在する日を指定してください。', {
      field: 'asOf',
    });
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
