import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { DataSource, type EntityManager } from 'typeorm';
import { ACCESS_ENTITIES } from '../../src/access/access.entities.js';
import { AuditChainService, type AuditCheck } from '../../src/access/audit-chain.service.js';
import { looksAt } from '../../src/access/audit-log.query.js';
import { AuditLogService } from '../../src/access/audit-log.service.js';
import { AuditService } from '../../src/access/audit.service.js';
import { everything, scopeFrom } from '../../src/access/scope.js';
import { Clock } from '../../src/platform/clock.js';
import { dataSourceOptions } from '../../src/platform/database/data-source-options.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const ROWS = 12;
const scope = everything('test');

let database: TestDatabase;
let db: DataSource;
let dataDir: string;
let audit: AuditService;
let chain: AuditChainService;

beforeAll(async () => {
  database = await createTestDatabase();
  db = await new DataSource(dataSourceOptions(database.url, ACCESS_ENTITIES)).initialize();
  audit = new AuditService(db, new Clock(new Date('2022-12-05T09:00:00+09:00')));
});

afterAll(async () => {
  await db?.destroy();
  await database?.drop();
});

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'tracker-audit-'));
  chain = new AuditChainService(db, { dataDir }, pino({ level: 'silent' }));
});

afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

async function record(count: number, em: EntityManager | null = null): Promise<void> {
  for (let n = 1; n <= count; n++) {
    await audit.record(em, {
      actor: `user-${n % 3}`,
      action: 'card_event_recorded',
      target: `staff:${n}`,
      details: { event: n, zeta: 'z', alpha: [1, n], Beta: null },
    });
  }
}

/** What a superuser could do to the tables behind the service's back; undone at the end. */
async function after(tamper: (em: EntityManager) => Promise<unknown>): Promise<AuditCheck> {
  const runner = db.createQueryRunner();
  await runner.startTransaction();
  try {
    await runner.query(
      'ALTER TABLE audit_event DISABLE TRIGGER USER; ALTER TABLE audit_chain DISABLE TRIGGER USER',
    );
    await tamper(runner.manager);
    return await chain.check(runner.manager);
  } finally {
    await runner.rollbackTransaction();
    await runner.release();
  }
}

const places = Array.from({ length: ROWS }, (_, index) => index + 1);

describe('the audit chain', () => {
  beforeAll(async () => {
    await record(ROWS);
    const once = mkdtempSync(join(tmpdir(), 'tracker-audit-'));
    await new AuditChainService(db, { dataDir: once }, pino({ level: 'silent' })).catchUp();
    rmSync(once, { recursive: true });
  });

  test('holds every event and is sound', async () => {
    expect(await chain.verify()).toMatchObject({ rows: ROWS, firstBroken: null, fault: null });
  });

  test.each([
    ['at', `at + interval '1 microsecond'`],
    ['actor', `actor || ' '`],
    ['action', `'sign_in'`],
    ['target', `'staff:999'`],
    ['details', `jsonb_set(details, '{event}', '999')`],
    ['details', `details - 'zeta'`],
    ['details', `details || '{"more": 1}'`],
    ['hash', `sha256('x')`],
    ['id', `DEFAULT`],
  ])('finds a changed %s (%s) in every row', async (column, value) => {
    for (const place of places) {
      const check = await after((em) =>
        em.query(`UPDATE audit_event SET ${column} = ${value} WHERE seq = $1`, [place]),
      );
      expect(check).toMatchObject({ firstBroken: place, fault: 'altered' });
    }
  });

  test('finds every removed row, also the last', async () => {
    for (const place of places) {
      const check = await after((em) => em.query('DELETE FROM audit_event WHERE seq = $1', [place]));
      expect(check).toMatchObject({ firstBroken: place, fault: place === ROWS ? 'end' : 'removed' });
    }
  });

  test('finds a removed row whose place was closed again', async () => {
    for (const place of places.slice(0, -1)) {
      const check = await after(async (em) => {
        await em.query('DELETE FROM audit_event WHERE seq = $1', [place]);
        await em.query('UPDATE audit_event SET seq = -seq + 1000 WHERE seq > $1', [place]);
        await em.query('UPDATE audit_event SET seq = 999 - seq WHERE seq > 500');
        await em.query('UPDATE audit_chain SET rows = rows - 1');
      });
      expect(check).toMatchObject({ firstBroken: place, fault: 'altered' });
    }
  });

  test('finds any two rows that changed places', async () => {
    for (const first of places) {
      for (const second of places.slice(first)) {
        const check = await after(async (em) => {
          await em.query('UPDATE audit_event SET seq = 1000 WHERE seq = $1', [first]);
          await em.query('UPDATE audit_event SET seq = $1 WHERE seq = $2', [first, second]);
          await em.query('UPDATE audit_event SET seq = $1 WHERE seq = 1000', [second]);
        });
        expect(check.firstBroken).toBe(first);
      }
    }
  });

  test('finds a row that was put in without being chained', async () => {
    const check = await after((em) =>
      em.query(
        `INSERT INTO audit_event (at, actor, action, seq, hash) VALUES ('2022-12-05', 'x', 'sign_in', $1, sha256('x'))`,
        [ROWS + 1],
      ),
    );
    expect(check).toMatchObject({ firstBroken: ROWS + 1, fault: 'altered' });
  });

  test('does not depend on how the database orders the keys of details', async () => {
    const check = await after((em) =>
      em.query(
        `UPDATE audit_event SET details = (SELECT jsonb_object_agg(key, value ORDER BY key DESC) FROM jsonb_each(details))`,
      ),
    );
    expect(check.firstBroken).toBeNull();
  });

  test('cannot be changed through the database by mistake', async () => {
    for (const sql of [
      `UPDATE audit_event SET actor = 'x'`,
      'UPDATE audit_event SET seq = NULL, hash = NULL',
      'DELETE FROM audit_event',
      'TRUNCATE audit_event',
      'UPDATE audit_chain SET rows = rows - 1',
      'DELETE FROM audit_chain',
    ]) {
      await expect(db.query(sql)).rejects.toThrow(/append-only|only grows/);
    }
  });
});

describe('the end of the chain', () => {
  test('noted outside the database gives away rows removed together with the database’s own count', async () => {
    await record(3);
    const { rows, head } = await chain.catchUp();
    expect(readdirSync(join(dataDir, 'audit'))).toHaveLength(1);
    const shortened = async (em: EntityManager) => {
      await em.query('DELETE FROM audit_event WHERE seq = $1', [rows]);
      await em.query(
        `UPDATE audit_chain SET rows = rows - 1, head = (SELECT hash FROM audit_event WHERE seq = $1)`,
        [rows - 1],
      );
    };
    expect((await after(shortened)).firstBroken).toBeNull();
    const runner = db.createQueryRunner();
    await runner.startTransaction();
    await runner.query(
      'ALTER TABLE audit_event DISABLE TRIGGER USER; ALTER TABLE audit_chain DISABLE TRIGGER USER',
    );
    await shortened(runner.manager);
    const check = await chain.check(runner.manager, [{ rows, head }]);
    await runner.rollbackTransaction();
    await runner.release();
    expect(check).toMatchObject({ firstBroken: rows, fault: 'end' });
  });

  test('that was noted for another history is found, and is never overwritten', async () => {
    await record(1);
    await chain.catchUp();
    const [file] = readdirSync(join(dataDir, 'audit'));
    const path = join(dataDir, 'audit', file!);
    writeFileSync(path, JSON.stringify({ rows: 1, head: '0'.repeat(64) }));
    await record(1);
    await chain.catchUp();
    expect(await chain.verify()).toMatchObject({ firstBroken: 1, fault: 'anchor' });
  });
});

describe('writers', () => {
  test('at the same time, in any order of commits and with rollbacks, leave one sound chain', async () => {
    const before = (await chain.verify()).rows;
    const others = [1, 2].map(() => new AuditChainService(db, { dataDir }, pino({ level: 'silent' })));
    const writing = new AbortController();
    const chaining = [chain, ...others].map(async (one) => {
      while (!writing.signal.aborted) await one.catchUp();
    });
    await Promise.all(
      Array.from({ length: 8 }, async (_, writer) => {
        for (let n = 0; n < 25; n++) {
          await db
            .transaction(async (em) => {
              await record(1, em);
              await em.query('SELECT pg_sleep($1)', [(writer % 3) / 500]);
              if (n % 5 === 4) throw new Error('undone');
            })
            .catch(() => undefined);
        }
      }),
    );
    writing.abort();
    await Promise.all(chaining);
    expect(await chain.verify()).toMatchObject({ rows: before + 8 * 20, firstBroken: null });
  });
});

describe('searching the record', () => {
  let log: AuditLogService;

  beforeAll(async () => {
    log = new AuditLogService(db, audit);
    await audit.record(null, { actor: 'jinji', action: 'staff_record_viewed', target: 'staff:4711' });
    await audit.record(null, {
      actor: 'jinji',
      action: 'staff_list_viewed',
      target: 'unit:0101',
      details: { asOf: '2022-10-31', staff: [4710, 4711] },
    });
    await audit.record(null, { actor: 'kacho', action: 'export_downloaded', target: 'unit:0101' });
  });

  async function found(search: Parameters<AuditLogService['search']>[1]): Promise<string[]> {
    return (await log.search(scope, search)).events.map(({ action }) => action);
  }

  test('by actor, action, target and day', async () => {
    expect(await found({ actor: 'kacho' })).toEqual(['export_downloaded']);
    expect(await found({ action: 'staff_list_viewed' })).toEqual(['staff_list_viewed']);
    expect(await found({ target: 'unit' })).toEqual(['export_downloaded', 'staff_list_viewed']);
    expect(await found({ target: 'staff:4711' })).toEqual(['staff_list_viewed', 'staff_record_viewed']);
    expect(await found({ actor: 'jinji', from: '2022-12-05', to: '2022-12-05' })).toHaveLength(2);
    expect(await found({ actor: 'jinji', to: '2022-12-04' })).toEqual([]);
  });

  test('page by page meets every event once', async () => {
    const ids: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await log.search(scope, { actor: 'user-1', limit: 7, cursor });
      ids.push(...page.events.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    const [{ count }] = await db.query(`SELECT count(*)::int FROM audit_event WHERE actor = 'user-1'`);
    expect(new Set(ids).size).toBe(count);
    expect(ids).toEqual(ids.toSorted((a, b) => b - a));
  });

  test('is for HR and auditors of the whole organisation, and is itself on record', async () => {
    const auditor = scopeFrom('kansa', 1, [{ role: 'auditor', unitId: null }]);
    await log.search(auditor, { actor: 'kacho' });
    expect((await log.search(auditor, { actor: 'kansa' })).events[0]).toMatchObject({
      action: 'audit_viewed',
      details: { events: 1, filters: 'actor' },
    });
    const ofOneUnit = scopeFrom('kansa', 1, [{ role: 'auditor', unitId: 1 }]);
    await expect(log.search(ofOneUnit, {})).rejects.toMatchObject({ kind: 'forbidden' });
    for (const role of ['manager', 'leader', 'admin'] as const) {
      await expect(log.search(scopeFrom('kansa', 1, [{ role, unitId: null }]), {})).rejects.toMatchObject({
        kind: 'forbidden',
      });
    }
  });

  test('of a person finds the look among the many ids of a long list', async () => {
    // Joined together their digits would now and then look like an individual number, which is withheld.
    const staff = Array.from({ length: 200 }, (_, index) => 5000 + index);
    await audit.record(null, { actor: 'jinji', action: 'staff_list_viewed', details: { staff } });
    expect(await looksAt(db.manager, 5123, 10)).toHaveLength(1);
  });

  test('of one person tells who looked, alone or in a list', async () => {
    const looks = await looksAt(db.manager, 4711, 10);
    expect(looks.map(({ actor, action }) => [actor, action])).toEqual([
      ['jinji', 'staff_list_viewed'],
      ['jinji', 'staff_record_viewed'],
    ]);
    expect(await looksAt(db.manager, 471, 10)).toEqual([]);
  });
});
