import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { LedgerService } from '../../src/adoption/ledger.service.js';
import { addCardEvent } from '../../src/ledger/card-event.query.js';
import type { CardStatus } from '../../src/ledger/card-status.js';
import { CityFiles } from '../support/city-files.js';
import { DAYS, PEOPLE, randomEvents, randomFacts, replaceFacts, writeFacts } from '../support/random-city.js';
import { differencesAlong, writtenHistory } from '../support/written-history.js';

describe('the ledger, whatever the facts were before', () => {
  let city: CityFiles;
  let ledger: LedgerService;
  beforeAll(async () => {
    city = await CityFiles.open();
    ledger = city.rooms.app.get(LedgerService);
  });
  beforeEach(() => city.forget());
  afterAll(() => city.close());

  it('equals a recount by hand after every change, fold and rebuild', async () => {
    await fc.assert(
      fc.asyncProperty(writtenHistory, async (chapters) => {
        expect(await differencesAlong(city, chapters)).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it('holds nothing that a rebuild would not make', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(randomFacts, { minLength: 2, maxLength: 3 }), async (histories) => {
        await city.forget();
        for (const facts of histories) await replaceFacts(city.db, facts, false);
        await ledger.fold();
        const kept = await derived();
        await ledger.rebuild();
        expect(await derived()).toEqual(kept);
      }),
      { numRuns: 10 },
    );
  });

  it('says after each of many single events what the whole rule says', async () => {
    await fc.assert(
      fc.asyncProperty(randomFacts, randomEvents, async (facts, events) => {
        await city.forget();
        await writeFacts(city.db, { ...facts, card_event: [] });
        for (const { staff_id, status, effective_on, corrects, expires_month } of events) {
          await addEvent(oneOfFew(staff_id), status, oneOfFewDays(effective_on), corrects, expires_month);
          // After each: what one event has left wrong the next may put right.
          expect(await timelineBeside()).toEqual([]);
        }
        await ledger.fold();
        const kept = await derived();
        await ledger.rebuild();
        expect(await derived()).toEqual(kept);
      }),
      { numRuns: 30 },
    );
  });

  /** So that much is told of each: what was held before, within exceptions, of the same day, not in the order of days. */
  const oneOfFew = (staffId: number) => 1 + (staffId % 2);
  const oneOfFewDays = (day: string) => DAYS[6 + (DAYS.indexOf(day) % 3)]!;

  const timelineBeside = (facts = 'timeline_of(ARRAY(SELECT id FROM staff))') =>
    city.db.query(
      `(TABLE timeline EXCEPT ALL SELECT * FROM ${facts}) UNION ALL (SELECT * FROM ${facts} EXCEPT ALL TABLE timeline)`,
    );

  /** As the services add it. The ids that are corrected are given out in this order. */
  const addEvent = (
    staffId: number,
    status: CardStatus | null,
    effectiveOn: string,
    corrects: number | null = null,
    expiresMonth: string | null = null,
  ) => {
    const recorded = { evidence: 'hr', recordedAt: new Date(), recordedBy: 'test' } as const;
    return addCardEvent(city.db.manager, {
      staffId,
      status,
      effectiveOn,
      corrects,
      expiresMonth,
      ...recorded,
    });
  };

  /** Without the months in which everything cancels out. */
  async function derived(): Promise<unknown[]> {
    const counters = 'staff, held, applied, not_applied, undisclosed, unanswered, lapsed, exempt';
    return Promise.all(
      [
        'SELECT * FROM org_closure ORDER BY 1, 2, 3',
        'SELECT * FROM timeline ORDER BY staff_id, valid_from',
        `SELECT unit_id, on_date, ${counters.replaceAll(/(\w+)/g, 'sum($1)')} FROM roll_delta GROUP BY 1, 2
         HAVING (${counters.replaceAll(/(\w+)/g, 'sum($1)')}) <> (0, 0, 0, 0, 0, 0, 0, 0) ORDER BY 1, 2`,
        `SELECT unit_id, min(month), ${counters} FROM (
           SELECT *, count(*) FILTER (WHERE changed) OVER (PARTITION BY unit_id ORDER BY month) AS stretch FROM (
             SELECT *, (${counters}) IS DISTINCT FROM
                       (lag(staff, 1, 0) OVER w, lag(held, 1, 0) OVER w, lag(applied, 1, 0) OVER w, lag(not_applied, 1, 0) OVER w,
                        lag(undisclosed, 1, 0) OVER w, lag(unanswered, 1, 0) OVER w, lag(lapsed, 1, 0) OVER w,
                        lag(exempt, 1, 0) OVER w) AS changed
             FROM roll_month WINDOW w AS (PARTITION BY unit_id ORDER BY month)) AS m) AS s
         WHERE stretch > 0 GROUP BY unit_id, stretch, ${counters} ORDER BY 1, 2`,
        `SELECT on_day, c.* FROM roll_day, roll_current c WHERE (${counters}) <> (0, 0, 0, 0, 0, 0, 0, 0) ORDER BY 2`,
      ].map((query) => city.db.query(query)),
    );
  }

  it('is found out by verify when a row of it is wrong, and put right by a rebuild', async () => {
    const [facts] = fc.sample(randomFacts, { numRuns: 1, seed: 7 });
    await writeFacts(city.db, facts!);
    await ledger.fold();
    await city.db.query(`UPDATE roll_month SET held = held + 1 WHERE (unit_id, month) IN
                         (SELECT unit_id, month FROM roll_month WHERE unit_id = 1 ORDER BY month DESC LIMIT 1)`);
    const found = await ledger.verify();
    expect(found.differenceCount).toBeGreaterThan(0);
    expect(found.differences[0]).toMatchObject({ unit: 'U1', counter: 'held' });
    expect(found.differences[0]!.ledger).toBe(found.differences[0]!.facts + 1);
    await ledger.rebuild();
    expect(await ledger.verify()).toMatchObject({ differenceCount: 0, differences: [] });
  });

  it('stays exact when many write at once, about the same people too', async () => {
    const [facts] = fc.sample(randomFacts, { numRuns: 1, seed: 11 });
    await writeFacts(city.db, { ...facts!, card_event: [] });
    const statuses = ['held', 'applied', 'not_applied', 'lapsed'] as const;
    const write = async (writer: number) => {
      for (let n = 0; n < 12; n++) {
        const person = 1 + ((writer * 7 + n * 3) % PEOPLE);
        await addEvent(person, statuses[(writer + n) % 4]!, DAYS[(writer + n * 5) % DAYS.length]!);
        if (n % 4 === 0) await ledger.fold();
        if (writer === 0 && n % 5 === 2) {
          await city.db.transaction(async (em) => {
            await em.query(
              `UPDATE unit_period SET superseded_at = now() WHERE unit_id = 2 AND superseded_at IS NULL`,
            );
            await em.query(
              `INSERT INTO unit_period (unit_id, parent_id, name, valid_from, recorded_at) VALUES (2, 1, $1, $2, now())`,
              [`課${n}`, DAYS[n % DAYS.length]],
            );
            await em.query('SELECT derive_units(now())');
          });
        }
      }
    };
    await Promise.all(Array.from({ length: 8 }, (_, writer) => write(writer)));
    expect(await ledger.verify()).toMatchObject({ differenceCount: 0 });
    await ledger.fold();
    expect(await ledger.verify()).toMatchObject({ differenceCount: 0 });
  });
});
