import { basename } from 'node:path';
import { access, constants, stat } from 'node:fs/promises';
import { InvalidArgumentError, type Command } from 'commander';
import { AppError } from '../platform/errors.js';
import {
  isRefused,
  type ImportReport,
  type ImportRequest,
  type InputFile,
} from '../platform/imports/import-report.js';
import type { CommandLine } from './command-line.js';
import { importProgress } from './import-progress.js';
import { describeImport } from './import-text.js';

interface RosterOptions {
  readonly units?: string;
  readonly asOf?: string;
  readonly scope?: string;
  readonly confirmDepartures?: number;
  readonly dryRun?: boolean;
}

export function addImportCommands(program: Command, line: CommandLine): void {
  const imports = program.command('import').description('ファイルを取り込む');

  imports
    .command('roster')
    .description('名簿(と所属一覧)を取り込む')
    .argument('<file>', '名簿のCSVまたはXLSX')
    .option('--units <file>', '所属一覧のCSVまたはXLSX')
    .option('--as-of <date>', '名簿の基準日(省略時は今日)')
    .option('--scope <code>', 'この所属とその下だけの名簿として取り込む')
    .option('--confirm-departures <count>', 'いなくなる人数の確認', wholeNumber)
    .option('--dry-run', '何も書かずに結果だけを見る')
    .action(async (file: string, options: RosterOptions) =>
      run(line, async () => ({
        kind: 'roster',
        files: [await inputFile(file)],
        unitsFile: options.units === undefined ? undefined : await inputFile(options.units),
        asOf: options.asOf,
        scopeCode: options.scope,
        confirmDepartures: options.confirmDepartures,
        dryRun: options.dryRun === true,
      })),
    );

  imports
    .command('reorganisation')
    .description('組織改正(新設・名称変更・移管・統合・分割・廃止)を取り込む')
    .argument('<file>', '組織改正のCSVまたはXLSX')
    .requiredOption('--as-of <date>', '組織改正の日。この日から自動で切り替わる')
    .option('--dry-run', '何も書かずに結果だけを見る')
    .action(async (file: string, options: { asOf: string; dryRun?: boolean }) =>
      run(line, async () => ({
        kind: 'reorganisation',
        files: [await inputFile(file)],
        asOf: options.asOf,
        dryRun: options.dryRun === true,
      })),
    );

  imports
    .command('status')
    .description('取得状況の一覧を取り込む')
    .argument('<file>', '取得状況のCSVまたはXLSX')
    .option('--dry-run', '何も書かずに結果だけを見る')
    .action(async (file: string, options: { dryRun?: boolean }) =>
      run(line, async () => ({
        kind: 'status',
        files: [await inputFile(file)],
        dryRun: options.dryRun === true,
      })),
    );

  imports
    .command('citizens')
    .description('公表された市民の取得率を取り込む')
    .argument('<files...>', '総務省・デジタル庁の公表ファイル')
    .option('--dry-run', '何も書かずに結果だけを見る')
    .action(async (files: string[], options: { dryRun?: boolean }) =>
      run(line, async () => ({
        kind: 'citizens',
        files: await Promise.all(files.map(inputFile)),
        dryRun: options.dryRun === true,
      })),
    );
}

async function run(line: CommandLine, request: () => Promise<ImportRequest>): Promise<void> {
  const asked = await request();
  await line.answer(async ({ imports, ledger }, onInterrupt) => {
    const stopping = new AbortController();
    const progress = importProgress();
    const running = imports.run(asked, line.scope.actor, { signal: stopping.signal, tell: progress.tell });
    onInterrupt(async () => {
      stopping.abort();
      const outcome = await running.then(
        () => '取込はすでに終わっていました。',
        () => '取込を取りやめました。何も変更していません。',
      );
      progress.end();
      process.stderr.write(`${outcome}\n`);
    });
    const report: ImportReport = await running.finally(progress.end);
    // The service does so by itself every few seconds, but perhaps it is not running.
    if (!asked.dryRun && !isRefused(report)) await ledger.fold();
    return { json: report, text: describeImport(report), refused: isRefused(report) };
  });
}

export async function inputFile(path: string): Promise<InputFile> {
  const isFile = await access(path, constants.R_OK)
    .then(() => stat(path))
    .then(
      (found) => found.isFile(),
      () => false,
    );
  if (!isFile) {
    throw new AppError(
      'file_not_readable',
      'refused',
      `ファイルを開けません: ${basename(path)}。場所と読み取りの権限を確かめてください。`,
    );
  }
  return { name: basename(path), path };
}

export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('0以上の整数を指定してください。');
  return Number(text);
}
