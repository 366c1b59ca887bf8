import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { randomOneTimePassword } from './access/password-policy.js';
import { everything, type Role } from './access/scope.js';
import { UserService } from './access/user.service.js';
import { AdoptionService } from './adoption/adoption.service.js';
import { CityService, type City } from './adoption/city.service.js';
import type { Goal } from './adoption/rate.js';
import { createApp } from './app.setup.js';
import { describeAdoption } from './cli/adoption.commands.js';
import { describeImport } from './cli/import-text.js';
import { describeRun } from './cli/reminder.commands.js';
import { writeReports } from './cli/report.commands.js';
import { ExceptionService } from './ledger/exception.service.js';
import type { ExceptionCategory } from './ledger/exception.types.js';
import { readConfig, type Config } from './platform/config.js';
import { removeEmbeddedPostgres } from './platform/database/embedded-postgres.js';
import { AppError } from './platform/errors.js';
import { isRefused, type ImportRequest, type InputFile } from './platform/imports/import-report.js';
import { ImportService } from './platform/imports/import.service.js';
import { projectRoot } from './platform/project-root.js';
import { fail, listen, run } from './process.js';
import { WaveService } from './reminders/wave.service.js';
import { MonthCloseService } from './reports/month-close.service.js';
import { REPORT_FORMATS } from './reports/report-files.js';

/** The demo's today: ten days after the month it reports on. */
const NOW = new Date('2022-11-10T09:00:00+09:00');
const MONTH = '2022-10';
const MONTH_END = '2022-10-31';
const MARKER = '.demo';
const seed = (...path: string[]) => join(projectRoot, 'seed', ...path);
const scope = everything('demo');

/** In the order a city would have sent them: a roster, then the status lists until the next roster. */
const STEPS: readonly (readonly [
  roster: string,
  asOf: string,
  scopeCode: string | undefined,
  statuses: string[],
])[] = [
  ['meibo_r031101.csv', '2021-11-01', undefined, ['r0311', 'r0312', 'r0401', 'r0402', 'r0403']],
  ['meibo_r040401.csv', '2022-04-01', undefined, ['r0404']],
  ['meibo_hoiku_r040501.csv', '2022-05-01', '031000', ['r0405']],
  ['meibo_kigyo_r040601.csv', '2022-06-01', '500000', ['r0406', 'r0407']],
  ['meibo_byoin_r040801.csv', '2022-08-01', '400000', ['r0408', 'r0409']],
  ['meibo_r041001.csv', '2022-10-01', undefined, ['r0410']],
];

const ACCOUNTS: readonly { name: string; role: Role; displayName: string; unitCode?: string }[] = [
  { name: 'jinji', role: 'hr', displayName: '人事課 担当者' },
  { name: 'kacho', role: 'manager', displayName: '保育幼稚園課長', unitCode: '030103' },
  { name: 'shicho', role: 'leader', displayName: '市長' },
  { name: 'kansa', role: 'auditor', displayName: '監査 担当者' },
  { name: 'joho', role: 'admin', displayName: '情報システム課 担当者' },
];

const ROLE_LABELS: Record<Role, string> = {
  hr: '人事',
  manager: '所属長',
  leader: '市長・部局長',
  auditor: '監査',
  admin: '運用',
};

try {
  const { values } = parseArgs({ options: { once: { type: 'boolean', default: false } } });
  await demo(values.once);
} catch (error) {
  await fail(error);
  process.exit();
}

async function demo(once: boolean): Promise<void> {
  const dataDir = await freshFolder();
  // The demo never touches a real database and never sends a real message.
  const overrides: Partial<Config> = { dataDir, databaseUrl: undefined, smtpUrl: undefined };
  const { app, config, stop } = await run(createApp, {
    overrides: { ...overrides, now: readConfig().now ?? NOW },
    logLevel: 'warn',
    onSignal: 'finish',
  });
  try {
    await load(app);
    say('', describeAdoption(await app.get(AdoptionService).unit(scope, undefined, MONTH_END)), '');
    await remindAndReport(app, config);
    const accounts = await addAccounts(app);
    if (once) await stop();
    else {
      await listen(app, config);
      say('', `${config.baseUrl} で画面を開けます(止めるには Ctrl+C)。ログイン:`, ...accounts);
    }
  } catch (error) {
    await stop();
    throw error;
  }
}

async function load(app: NestFastifyApplication): Promise<void> {
  const cities = app.get(CityService);
  const { goal, ...city } = await readJson<City & { goal: Goal }>(seed('demo', 'city.json'));
  await cities.set(city, scope.actor);
  await cities.setGoal(goal, scope.actor, '2021-04-01');
  for (const [index, [roster, asOf, scopeCode, statuses]] of STEPS.entries()) {
    await take(app, {
      kind: 'roster',
      files: [file('demo', roster)],
      unitsFile: index === 0 ? file('demo', 'shozoku.csv') : undefined,
      asOf,
      scopeCode,
      dryRun: false,
    });
    for (const month of statuses) {
      await take(app, { kind: 'status', files: [file('demo', `shutoku_${month}.csv`)], dryRun: false });
    }
  }
  for (const day of ['20220930', '20221031']) {
    const files = ['all_localgovs.csv', 'all_prefectures.csv', 'summary_by_types.csv'];
    await take(app, {
      kind: 'citizens',
      files: files.map((name) => file('citizens', day, name)),
      dryRun: false,
    });
  }
  const exceptions = app.get(ExceptionService);
  const granted = await readJson<
    { staffNumber: string; category: ExceptionCategory; from: string; to: string }[]
  >(seed('demo', 'exceptions.json'));
  for (const { staffNumber: number, category, from, to } of granted) {
    const { id } = await exceptions.request(scope, { number, category, from, to });
    await exceptions.decide(scope, id, 'approved');
  }
}

async function take(app: NestFastifyApplication, request: ImportRequest): Promise<void> {
  const report = await app.get(ImportService).run(request, scope.actor);
  say(describeImport(report));
  if (isRefused(report))
    throw new AppError('demo_refused', 'refused', `見本のファイル ${report.file} を取り込めません。`);
}

async function remindAndReport(app: NestFastifyApplication, config: Config): Promise<void> {
  say(describeRun(await app.get(WaveService).start(scope, 'manager-monthly')));
  say(`  書き出した場所: ${shown(join(config.dataDir, 'outbox'))}`);
  const months = app.get(MonthCloseService);
  const closed = await months.close(scope, MONTH);
  const reports = [];
  for (const format of REPORT_FORMATS) reports.push(await months.report(scope, MONTH, format));
  const paths = await writeReports(join(config.dataDir, 'reports'), reports);
  say(
    `${MONTH}を締めて(第${closed.version}版)、レポートを書き出しました:`,
    ...paths.map((path) => `  ${shown(path)}`),
  );
}

async function addAccounts(app: NestFastifyApplication): Promise<string[]> {
  const lines: string[] = [];
  for (const account of ACCOUNTS) {
    const password = randomOneTimePassword();
    await app.get(UserService).add({ ...account, password }, scope.actor);
    lines.push(
      `  ${account.name.padEnd(7)} ${password}  (${ROLE_LABELS[account.role]}: ${account.displayName})`,
    );
  }
  return lines;
}

/** Empties the folder of an earlier demo; any other folder with something in it is left alone. */
async function freshFolder(): Promise<string> {
  const config = readConfig();
  const dataDir = config.dataDirGiven ? config.dataDir : join(projectRoot, 'demo-data');
  const names = existsSync(dataDir) ? await readdir(dataDir) : [];
  if (names.length > 0 && !names.includes(MARKER)) {
    throw new AppError(
      'data_dir_in_use',
      'conflict',
      `${dataDir} には別のデータがあるため、見本を作りません。DATA_DIR に空のフォルダーを指定してください。`,
    );
  }
  if (names.length > 0) {
    await removeEmbeddedPostgres(dataDir);
    for (const name of names) await rm(join(dataDir, name), { recursive: true, force: true });
  }
  await mkdir(dataDir, { recursive: true });
  await writeFile(join(dataDir, MARKER), 'Made by npm run demo; emptied by the next one.\n');
  return dataDir;
}

function file(...path: string[]): InputFile {
  return { name: path.at(-1)!, path: seed(...path) };
}

async function readJson<T>(path: string): Promise<T> {
  return JSON.parse(await readFile(path, 'utf8')) as T;
}

function shown(path: string): string {
  const near = relative(process.cwd(), path);
  return near.startsWith('..') ? path : near;
}

function say(...lines: string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}
