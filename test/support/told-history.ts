import { everything } from '../../src/access/scope.js';
import { DefinitionService } from '../../src/adoption/definition.service.js';
import { countUnits } from '../../src/adoption/counts.query.js';
import type { ReorganisationReport } from '../../src/adoption/reorganisation-import.service.js';
import { LedgerService } from '../../src/adoption/ledger.service.js';
import { CARD_STATUS_LABELS } from '../../src/ledger/card-status.js';
import { CardEventService } from '../../src/ledger/card-event.service.js';
import { ExceptionService } from '../../src/ledger/exception.service.js';
import { AppError } from '../../src/platform/errors.js';
import type { ImportReport } from '../../src/platform/imports/import-report.js';
import { RenumberService } from '../../src/roster/renumber.service.js';
import { csv, type CityFiles } from './city-files.js';
import { reorganisationText, unitsToChange } from './random-reorganisation.js';
import {
  DAYS_TOLD,
  NUMBERS,
  PARENTS,
  ROOT,
  SECTIONS,
  type Act,
  type Person,
  type Told,
} from './random-acts.js';

/** What became of an act: done, or the code with which it was refused. */
export type Outcome = string;

/** A city of which nothing is known but its organisation, and the first roster of everybody. */
export async function beginHistory(city: CityFiles): Promise<void> {
  await city.forget();
  const people = NUMBERS.map((one, n) => ({
    number: one,
    unit: SECTIONS[n % SECTIONS.length]!,
    employment: '正規',
    leave: '',
  }));
  refusalOf(await city.roster(rosterText(people), { asOf: '2022-01-01', units: unitsText(PARENTS) }), true);
}

/** Tells it; anything but a refusal in the product's own words is thrown. */
export async function carryOut(city: CityFiles, told: Act): Promise<Outcome> {
  try {
    return (await tellIt(city, await asKnown(city, told))) ?? 'done';
  } catch (error) {
    if (error instanceof AppError && error.kind !== 'unexpected') return error.code;
    throw error;
  }
}

/** Whoever tells something knows people by the numbers they have by then. */
async function asKnown(city: CityFiles, told: Act): Promise<Act> {
  const changed: { number: string; present: string }[] = await city.db.query(
    `SELECT f.number, st.number AS present FROM staff_former_number f JOIN staff st ON st.id = f.staff_id`,
  );
  const present = new Map(changed.map((one) => [one.number, one.present]));
  const of = <T extends { readonly number: string }>(it: T): T => ({
    ...it,
    number: present.get(it.number) ?? it.number,
  });
  switch (told.tell) {
    case 'roster':
      return { ...told, people: told.people.map(of) };
    case 'list':
      return { ...told, lines: told.lines.map(of) };
    case 'event':
      return { ...told, line: of(told.line) };
    case 'exception':
    case 'new number':
      return of(told);
    default:
      return told;
  }
}

async function tellIt(city: CityFiles, told: Act): Promise<Outcome | undefined> {
  const hr = everything('test');
  const room = city.rooms.app;
  switch (told.tell) {
    case 'roster':
      return refusalOf(
        await city.confirmedRoster(rosterText(told.people), {
          asOf: told.day,
          scopeCode: told.scope === ROOT ? undefined : told.scope,
        }),
      );
    case 'organisation': {
      const staff = Object.entries(await city.rosterOn(told.day));
      const places = Object.keys(told.parents);
      const people = staff.map(([one, unit]) => ({
        number: one,
        unit: places.includes(unit) ? unit : places[0]!,
        employment: '正規',
        leave: '',
      }));
      return refusalOf(
        await city.confirmedRoster(rosterText(people), { asOf: told.day, units: unitsText(told.parents) }),
      );
    }
    case 'reorganisation':
      return reorganise(city, told);
    case 'taking back': {
      const applied = (await city.imports.list('reorganisation')).filter(({ state }) => state === 'applied');
      const one = applied[told.nth % applied.length];
      if (!one) return 'nothing to take back';
      await city.imports.withdraw(one.id, 'test');
      return;
    }
    case 'new number': {
      if (told.by === 'hand') {
        await room.get(RenumberService).renumber(hr, told.number, told.to);
        return;
      }
      const everybody = Object.entries(await city.rosterOn(city.today()));
      const rows = everybody.map(([one, unit]) =>
        one === told.number ? [told.to, one, unit] : [one, null, unit],
      );
      const text = csv(
        ['職員番号', '旧職員番号', '氏名', '所属コード'],
        rows.map(([one, former, unit]) => [one!, former!, `見本 ${one}`, unit!]),
      );
      return refusalOf(await city.confirmedRoster(text));
    }
    case 'list':
      return refusalOf(await city.take('status', listText(told.lines)));
    case 'event':
      await room.get(CardEventService).record(hr, told.line.number, {
        status: told.line.status,
        on: told.line.on,
        ...(told.line.status === 'held' && { expiresOn: told.line.expires }),
      });
      return;
    case 'correction': {
      const events: { id: number; number: string }[] = await city.db.query(
        `SELECT e.id, s.number FROM card_event_valid e JOIN staff s ON s.id = e.staff_id ORDER BY e.id`,
      );
      const event = events[told.nth % events.length];
      if (!event) return 'nothing to correct';
      const { status: instead, on } = told;
      await room.get(CardEventService).record(hr, event.number, { status: instead, on, corrects: event.id });
      return;
    }
    case 'exception': {
      const { id } = await room
        .get(ExceptionService)
        .request(hr, { number: told.number, category: 'other', from: told.from, to: told.to });
      await room.get(ExceptionService).decide(hr, id, 'approved');
      return;
    }
    case 'withdrawal': {
      const asked = await room.get(ExceptionService).list(hr);
      const one = asked[told.nth % asked.length];
      if (!one) return 'nothing to withdraw';
      await room.get(ExceptionService).withdraw(hr, one.id, told.on);
      return;
    }
    case 'definition':
      await room.get(DefinitionService).set(
        hr,
        {
          validFrom: told.from,
          leftOutEmployment: told.employment,
          leftOutLeave: told.leave,
          minDays: told.minDays,
          reason: '試験',
        },
        false,
      );
      return;
    case 'fold':
      await room.get(LedgerService).fold();
      return;
    case 'rebuild':
      await room.get(LedgerService).rebuild();
  }
}

/** What the preview says the figures become is what they are on the day; taken back, they are as they were. */
async function reorganise(
  city: CityFiles,
  { day: asOf, changes, takenBackAtOnce }: Extract<Act, { tell: 'reorganisation' }>,
): Promise<Outcome | undefined> {
  const figures = async () => JSON.stringify([...(await figuresOn(city, DAYS_TOLD))]);
  const units = unitsToChange(await city.unitsOn(asOf));
  const numbers = Object.keys(await city.rosterOn(asOf));
  if (numbers.length === 0 || units.length === 0) return 'nobody there';
  const file = await city.file(reorganisationText(changes, units, numbers), 'kaisei.csv');
  const before = await figuresOn(city, [asOf]);
  const all = takenBackAtOnce ? await figures() : '';
  const { id, report } = await city.imports.preview(
    { kind: 'reorganisation', files: [file], asOf, dryRun: true },
    'test',
  );
  if (report.problemCount > 0) return refusalOf(report);
  await city.imports.apply(id, 'test');
  const expected = new Map(before);
  for (const { code, after } of (report as unknown as ReorganisationReport).figures) {
    if (after) expected.set(code, `${after.staff}/${after.held}`);
    else expected.delete(code);
  }
  const after = await figuresOn(city, [asOf]);
  const differing = [...new Set([...expected.keys(), ...after.keys()])].filter(
    (code) => expected.get(code) !== after.get(code),
  );
  if (differing.length > 0)
    throw new Error(`figures of ${differing.join(', ')} are not those of the preview`);
  if (!takenBackAtOnce) return;
  await city.imports.withdraw(id, 'test');
  if ((await figures()) !== all) throw new Error('taken back, and the figures are others than before');
  return 'taken back at once';
}

/** `staff/held` by unit, in the order of units. */
async function figuresOn(city: CityFiles, dates: readonly string[]): Promise<Map<string, string>> {
  const rows = await countUnits(city.db.manager, everything('test'), { dates });
  const key = (asOf: string, code: string) => (dates.length === 1 ? code : `${asOf} ${code}`);
  return new Map(rows.map(({ asOf, code, total }) => [key(asOf, code), `${total.staff}/${total.held}`]));
}

function refusalOf(report: ImportReport, mustStand = false): string | undefined {
  const problem = report.problems[0];
  if (mustStand && problem) throw new Error(`${problem.row} ${problem.column} ${problem.code}`);
  return problem?.code;
}

function rosterText(people: readonly Person[]): string {
  return csv(
    ['職員番号', '氏名', '所属コード', '雇用区分', '勤務状況'],
    people.map((one) => [one.number, `見本 ${one.number}`, one.unit, one.employment, one.leave]),
  );
}

function unitsText(parents: Readonly<Record<string, string>>): string {
  return csv(
    ['所属コード', '所属名', '上位所属コード'],
    [[ROOT, '見本市', null], ...Object.entries(parents).map(([code, parent]) => [code, `${code}課`, parent])],
  );
}

function listText(lines: readonly Told[]): string {
  return csv(
    ['職員番号', '取得状況', '基準日', '有効期限'],
    lines.map((line) => [
      line.number,
      CARD_STATUS_LABELS[line.status],
      line.on,
      line.status === 'held' ? line.expires : null,
    ]),
  );
}
