import type { EntityManager } from 'typeorm';
import { AppError } from '../platform/errors.js';
import type { Role } from './scope.js';

/** A manager manages some unit, the administrator the whole service. Throws `unit_required` / `unit_not_allowed`. */
export function assertUnitFits(role: Role, unitCode: string | undefined): void {
  if (role === 'manager' && unitCode === undefined) {
    throw new AppError(
      'unit_required',
      'refused',
      '所属長の権限は所属ごとに付けます。所属コードを指定してください。職員番号を結び付けたアカウントには、名簿の所属長の権限が自動で付きます。',
    );
  }
  if (role === 'admin' && unitCode !== undefined) {
    throw new AppError(
      'unit_not_allowed',
      'refused',
      '管理者の権限はシステム全体に及びます。所属コードは指定しないでください。',
    );
  }
}

/** Units belong to the roster, which lies above this room; a grant needs no more of one than its id. */
export async function unitIdOf(em: EntityManager, code: string): Promise<number> {
  const [unit] = await em.query<{ id: number }[]>('SELECT id FROM unit WHERE code = $1', [
    code.normalize('NFKC').trim(),
  ]);
  if (!unit) {
    throw new AppError(
      'unknown_unit',
      'not_found',
      'その所属コードの所属はありません。所属コードを確かめてください。',
    );
  }
  return unit.id;
}
