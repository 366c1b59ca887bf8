import { join, resolve } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { formatCount, formatMonth, formatPercent } from '../platform/japanese-format.js';
import { isReportFormat, REPORT_FORMATS, type ReportFormat } from '../reports/report-files.js';
import type { Restatement, StatedFigures } from '../reports/restatement.service.js';
import { table, type CommandLine } from './command-line.js';
import { writeOutput } from './output-file.js';

export function addReportCommands(program: Command, line: CommandLine): void {
  program
    .command('close')
    .description('月を締める(その月末の数字を確定する)')
    .argument('<month>', '月(例: 2022-10)')
    .option('--again', '締めた月をもう一度締めて、版を1つ増やす')
    .action((month: string, options: { again?: boolean }) =>
      line.answer(async ({ months }) => {
        const closed = await months.close(line.scope, month, options.again === true);
        return {
          json: closed,
          text: `${formatMonth(month)}を締めました(第${closed.version}版)。保有率 ${formatPercent(closed.rate)}(${formatCount(closed.held)} / ${formatCount(closed.staff)}人)`,
        };
      }),
    );

  program
    .command('restatement')
    .description('締めたあとの訂正: 締めた数字と、いまの記録で数え直した数字を並べる')
    .argument('<month>', '締めた月(例: 2022-10)')
    .action((month: string) =>
      line.answer(async ({ restatements }) => {
        const found = await restatements.of(line.scope, month);
        return { json: found, text: describeRestatement(found) };
      }),
    );

  program
    .command('report')
    .description('締めた月のレポートを書き出す')
    .argument('<month>', '月(例: 2022-10)')
    .requiredOption('--out <dir>', '書き出すフォルダー')
    .option('--format <list>', `形式(${REPORT_FORMATS.join(',')})`, toFormats, [...REPORT_FORMATS])
    .action((month: string, options: { out: string; format: ReportFormat[] }) =>
      line.answer(async ({ months }) => {
        const reports = [];
        for (const format of options.format) reports.push(await months.report(line.scope, month, format));
        const files = await writeReports(options.out, reports);
        return { json: { month, files }, text: files.join('\n') };
      }),
    );
}

function describeRestatement({ month, version, units }: Restatement): string {
  const title = `${formatMonth(month)}(第${version}版) 締めたあとの訂正`;
  if (units.length === 0) return `${title}はありません。`;
  const rows = units.map(({ unit, reported, recounted }) => [
    unit.name,
    ...cellsOf(reported),
    ...cellsOf(recounted),
  ]);
  const header = ['所属', '締めた保有率', '締めた人数', 'いまの保有率', 'いまの人数'];
  return `${title}\n${table([header, ...rows], ['left', 'right', 'right', 'right', 'right'])}`;
}

function cellsOf(figures: StatedFigures | null): string[] {
  if (figures === null) return ['-', 'なし'];
  return [formatPercent(figures.rate), `${formatCount(figures.held)} / ${formatCount(figures.staff)}人`];
}

/** Answers the paths. */
export async function writeReports(
  folder: string,
  reports: readonly { fileName: string; bytes: Buffer }[],
): Promise<string[]> {
  const out = resolve(folder);
  const paths: string[] = [];
  for (const { fileName, bytes } of reports) {
    const path = join(out, fileName);
    await writeOutput(path, bytes);
    paths.push(path);
  }
  return paths;
}

function toFormats(list: string): ReportFormat[] {
  const formats = list.split(',').map((format) => format.trim());
  if (!formats.every(isReportFormat))
    throw new InvalidArgumentError(`${REPORT_FORMATS.join(',')} から選んでください。`);
  return formats as ReportFormat[];
}
