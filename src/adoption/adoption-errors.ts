import { AppError } from '../platform/errors.js';
import type { IsoDate } from '../platform/month.js';

export function unitNotFound(code: string, asOf: IsoDate): AppError {
  return new AppError('unit_not_found', 'not_found', `所属コード「${code}」は${asOf}時点で見つかりません。`, {
    asOf,
  });
}
