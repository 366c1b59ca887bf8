import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AuditChainService } from '../../../src/access/audit-chain.service.js';
import { everything } from '../../../src/access/scope.js';
import { countUnits } from '../../../src/adoption/counts.query.js';
import { lastDay } from '../../../src/platform/month.js';
import { MonthCloseService } from '../../../src/reports/month-close.service.js';
import { REPORT_FORMATS } from '../../../src/reports/report-files.js';
import { NaiveRecount } from '../../support/naive-recount.js';
import { FACTS, type Facts } from '../../support/random-city.js';
import { TEST_NOW } from '../../support/test-app.js';
import { Attack, type Loss } from './attack.js';
import { NumberFinder } from './numbers.js';
import { Search } from './search.js';
import { CLOSED_MONTH, Target } from './target.js';

export interface HostileOutcome {
  readonly trial: 'hostile';
  readonly seed: number;
  readonly inputs: number;
  readonly doors: Attack['doors'];
  readonly answers: Attack['answers'];
  /** Valid individual numbers that were sent. */
  readonly individualNumbers: number;
  readonly searched: { readonly rows: number; readonly files: number; readonly bytes: number };
  readonly seconds: number;
  readonly lost: number;
  /** The first ones. */
  readonly losses: readonly Loss[];
}

export interface HostileOptions {
  readonly first: number;
  readonly end: number;
  readonly seed: number;
  readonly onProgress?: (done: number, total: number, lost: number) => void;
}

const SHOWN_LOSSES = 50;
/** The example published with the formula, which some fixtures hold. */
const PUBLISHED = '123456789018';
const TRIAL = everything('trial');

export async function hostile({ first, end, seed, onProgress }: HostileOptions): Promise<HostileOutcome> {
  const started = performance.now();
  const unhandled: unknown[] = [];
  const onUnhandled = (error: unknown) => unhandled.push(error);
  process.on('unhandledRejection', onUnhandled).on('uncaughtException', onUnhandled);
  const target = await Target.start();
  try {
    const before = await frozenFacts(target);
    const attack = new Attack(target, seed);
    await attack.run(first, end, (done) => onProgress?.(done, end - first, attack.losses.length));

    const lose = (fault: string) => attack.lose(end, { door: 'end', about: 'afterwards' }, fault);
    if (attack.answers.limited > (end - first) / 10)
      lose('one in ten was only told to ask less often: raise the limits in Target.start');
    for (const error of unhandled)
      lose(`not handled: ${error instanceof Error ? error.stack : typeof error}`);
    for (const fault of await faultsOf(target, before)) lose(fault);
    const search = new Search(new NumberFinder(new Set([...attack.sent, PUBLISHED])));
    await searchEverything(target, search);
    const { found, ...searched } = search.searched;
    for (const place of found) lose(`an individual number stands in ${place}`);
    return {
      trial: 'hostile',
      seed,
      inputs: end - first,
      doors: attack.doors,
      answers: attack.answers,
      individualNumbers: attack.sent.size,
      searched,
      seconds: Math.round((performance.now() - started) / 1000),
      lost: attack.losses.length,
      losses: attack.losses.slice(0, SHOWN_LOSSES),
    };
  } finally {
    await target.close();
    process.off('unhandledRejection', onUnhandled).off('uncaughtException', onUnhandled);
  }
}

/** Rows that nothing may ever alter or remove, as they are now. */
async function frozenFacts({ db }: Target): Promise<Map<string, string[]>> {
  const tables = await db.query<{ name: string }[]>(
    `SELECT tgrelid::regclass::text AS name FROM pg_trigger WHERE tgname IN ('append_only', 'erase_only') ORDER BY 1`,
  );
  const facts = new Map<string, string[]>();
  for (const { name } of tables) {
    const rows = await db.query<{ row: string }[]>(`SELECT to_jsonb(t)::text AS row FROM ${name} t`);
    facts.set(
      name,
      rows.map(({ row }) => row),
    );
  }
  return facts;
}

/** Whether the service lives, its facts stand, its figures are right and its audit record is whole. */
async function faultsOf(target: Target, before: Map<string, string[]>): Promise<string[]> {
  const { city, db } = target;
  const faults: string[] = [];
  for (const url of ['/healthz', '/readyz', '/sign-in', `/opendata/${CLOSED_MONTH}.csv`]) {
    const { status } = await city.nobody.get(url);
    if (status !== 200) faults.push(`${url} answers ${status}`);
  }
  const after = await frozenFacts(target);
  for (const [table, rows] of before) {
    const now = new Set(after.get(table));
    if (rows.some((row) => !now.has(row))) faults.push(`rows of ${table} were altered or removed`);
  }
  const [{ facts }] = await db.query<[{ facts: Facts }]>(
    `SELECT jsonb_object_agg(name, rows) AS facts FROM (
       ${FACTS.map(
         (name) => `SELECT '${name}' AS name, (SELECT coalesce(jsonb_agg(t), '[]') FROM ${name} t) AS rows`,
       ).join(' UNION ALL ')}) AS tables`,
  );
  for (const day of [lastDay(CLOSED_MONTH), TEST_NOW.slice(0, 10)]) {
    const naive = new NaiveRecount(facts, day);
    for (const { unitId, total } of await countUnits(db.manager, TRIAL, { dates: [day] })) {
      if (JSON.stringify(naive.total(unitId)) !== JSON.stringify(total))
        faults.push(`the figures of unit ${unitId} on ${day} differ from a recount`);
    }
  }
  const { fault } = await city.app.get(AuditChainService).verify();
  if (fault !== null) faults.push(`the audit record is broken: ${fault}`);
  return faults;
}

/** Database, log, outbox, uploads, temporary files, what commands wrote, and every report as it is made now. */
async function searchEverything({ city, db, folders }: Target, search: Search): Promise<void> {
  const months = city.app.get(MonthCloseService);
  for (const { month } of await months.list(TRIAL)) {
    for (const format of REPORT_FORMATS) {
      const { bytes, fileName } = await months.report(TRIAL, month, format);
      writeFileSync(join(folders.written, fileName), bytes);
    }
  }
  await search.database(db);
  await search.folder(folders.written);
}
