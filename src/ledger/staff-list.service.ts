import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditService } from '../access/audit.service.js';
import { requireRole, type Scope } from '../access/scope.js';
import { Clock } from '../platform/clock.js';
import { badCursor } from '../platform/cursor.js';
import { AppError } from '../platform/errors.js';
import type { IsoDate } from '../platform/month.js';
import { assertDate } from '../platform/request-date.js';
import { findUnit } from '../roster/unit-tree.query.js';
import { isCardStatus } from './card-status.js';
import { EXPIRING_MONTHS, findExpiring } from './expiring.query.js';
import { countStaff, listStaff, type StaffCursor, type StaffListRow } from './staff-list.query.js';

export interface StaffListRequest {
  readonly unitCode?: string;
  readonly status?: string;
  readonly employment?: string;
  /** Only who holds a card that expires within so many months. */
  readonly expiring?: number;
  readonly query?: string;
  readonly cursor?: string;
  readonly asOf?: IsoDate;
  /** 1 to 200; 50 unless given. */
  readonly limit?: number;
}

export interface StaffPage {
  readonly asOf: IsoDate;
  /** Everybody who matches, on all pages. */
  readonly total: number;
  /** People of the unit whose card expires within EXPIRING_MONTHS, whatever is asked for. */
  readonly expiring: number;
  readonly items: readonly Omit<StaffListRow, 'id' | 'sortKey'>[];
  /** For the next page; null on the last. */
  readonly nextCursor: string | null;
}

/** Names and statuses, for HR only; every look is on the audit record. */
@Injectable()
export class StaffListService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly audit: AuditService,
  ) {}

  /** Throws `role_required`, `unit_not_found`, `bad_status`, `bad_date`, `bad_cursor`. */
  async page(scope: Scope, request: StaffListRequest): Promise<StaffPage> {
    scope = requireRole(scope, 'hr');
    const { unitCode, status, employment, expiring, query } = request;
    const asOf = request.asOf ?? this.clock.today();
    assertDate(asOf);
    if (status !== undefined && !isCardStatus(status)) {
      throw new AppError('bad_status', 'invalid', '取得状況の指定が正しくありません。');
    }
    const limit = Math.min(Math.max(request.limit ?? 50, 1), 200);
    const filter = { asOf, unitCode, status, employment, expiring, query };
    const em = this.dataSource.manager;
    if (unitCode !== undefined && !(await findUnit(em, scope, unitCode, asOf))) {
      throw new AppError('unit_not_found', 'not_found', `この所属コードは${asOf}時点で見つかりません。`, {
        asOf,
      });
    }
    const after = request.cursor === undefined ? undefined : decodeCursor(request.cursor);
    const [total, rows, soon] = await Promise.all([
      countStaff(em, scope, filter),
      listStaff(em, scope, { ...filter, after, limit: limit + 1 }),
      findExpiring(em, scope, { asOf, months: EXPIRING_MONTHS, unitCode }),
    ]);
    const page = rows.slice(0, limit);
    await this.audit.record(null, {
      actor: scope.actor,
      action: 'staff_list_viewed',
      target: unitCode === undefined ? '' : `unit:${unitCode}`,
      details: { asOf, staff: page.map((row) => row.id) },
    });
    const last = rows.length > limit ? page.at(-1) : undefined;
    return {
      asOf,
      total,
      expiring: soon.length,
      items: page.map(({ id: _id, sortKey: _sortKey, ...row }) => row),
      nextCursor: last ? encodeCursor({ sortKey: last.sortKey, number: last.number }) : null,
    };
  }
}

function encodeCursor(cursor: StaffCursor): string {
  return Buffer.from(JSON.stringify([cursor.sortKey, cursor.number])).toString('base64url');
}

function decodeCursor(text: string): StaffCursor {
  try {
    const [sortKey, number] = JSON.parse(Buffer.from(text, 'base64url').toString()) as [unknown, unknown];
    if (Array.isArray(sortKey) && sortKey.every(Number.isInteger) && typeof number === 'string') {
      return { sortKey: sortKey as number[], number };
    }
  } catch {
    // not one of ours: answered below
  }
  throw badCursor();
}
