import type { Command } from 'commander';
import { definitionWords, ruleWords, type CountDefinition } from '../adoption/definition.js';
import type { DefinitionEffect, DefinitionResult } from '../adoption/definition.service.js';
import { formatCount, formatDate, formatPercent } from '../platform/japanese-format.js';
import { table, type CommandLine } from './command-line.js';
import { wholeNumber } from './import.commands.js';
import { progressBar } from './progress-bar.js';

interface SetOptions {
  readonly from: string;
  readonly leaveOutEmployment: string[];
  readonly leaveOutLeave: string[];
  readonly minDays: number;
  readonly reason: string;
  readonly dryRun?: boolean;
}

export function addDefinitionCommands(program: Command, line: CommandLine): void {
  const definition = program.command('definition').description('だれを数えるか(集計定義)');

  definition
    .command('list', { isDefault: true })
    .description('集計定義の版')
    .action(() =>
      line.answer(async ({ definitions }) => {
        const versions = await definitions.history(line.scope);
        return { json: { definitions: versions }, text: describeVersions(versions) };
      }),
    );

  definition
    .command('set')
    .description('ある日からの集計定義を決める。全員を数え直す')
    .requiredOption('--from <date>', 'いつから')
    .option('--leave-out-employment <names>', '数えない雇用区分(「,」で区切る)', names, [])
    .option('--leave-out-leave <names>', '数えない勤務状況(「,」で区切る)', names, [])
    .option('--min-days <days>', '在籍が継続して何日以上の職員を数えるか', wholeNumber, 0)
    .requiredOption('--reason <text>', '変える理由')
    .option('--dry-run', '数字がどう変わるかを確かめるだけで、何も変更しない')
    .action((options: SetOptions) =>
      line.answer(async ({ definitions }) => {
        const result = await definitions.set(
          line.scope,
          {
            validFrom: options.from,
            leftOutEmployment: options.leaveOutEmployment,
            leftOutLeave: options.leaveOutLeave,
            minDays: options.minDays,
            reason: options.reason,
          },
          options.dryRun === true,
          progressBar('数え直し'),
        );
        return { json: result, text: describeChange(result) };
      }),
    );
}

function names(text: string, before: string[]): string[] {
  return [...before, ...text.split(/[,、]/)];
}

function describeVersions(versions: readonly CountDefinition[]): string {
  const rows = versions.map((version) => [
    definitionWords(version),
    ruleWords(version),
    version.reason,
    version.supersededAt === null ? '' : '置き換え済み',
  ]);
  return table([['集計定義', '数え方', '理由', ''], ...rows], ['left', 'left', 'left', 'left']);
}

function describeChange({ dryRun, definition, next, effects }: DefinitionResult): string {
  const done = dryRun ? 'こうなります(確認のみ。何も変更していません)。' : '登録しました。';
  return [
    `集計定義 ${definitionWords(definition)} ${ruleWords(definition)}: ${done}`,
    ...effects.map((effect) => `  ${describeEffect(effect)}`),
    ...(next
      ? [`  ${formatDate(next.validFrom!)}からは、これまでどおり第${next.version}版で数えます。`]
      : []),
    '  締めた月の数字は、報告したときのままです。',
  ].join('\n');
}

function describeEffect({ asOf, before, after }: DefinitionEffect): string {
  const staff = `在籍 ${formatCount(before.staff)}人 → ${formatCount(after.staff)}人`;
  const held = `保有 ${formatCount(before.held)}人 → ${formatCount(after.held)}人`;
  return `${formatDate(asOf)} ${staff}、${held}、保有率 ${formatPercent(before.rate)} → ${formatPercent(after.rate)}`;
}
