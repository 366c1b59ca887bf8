import { AppError } from '../platform/errors.js';
import { isIsoDate, type IsoDate } from '../platform/month.js';

export function assertDate(asOf: string): void {
  if (!isIsoDate(asOf)) {
    throw new AppError('bad_date', 'invalid', '日付は 2022-10-31 のように実在する日を指定してください。');
  }
}

export function unitNotFound(code: string, asOf: IsoDate): AppError {
  return new AppError('unit_not_found', 'not_found', `所属コード「${code}」は${asOf}時点で見つかりません。`, {
    asOf,
  });
}
