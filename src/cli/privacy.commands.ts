import { resolve } from 'node:path';
import type { Command } from 'commander';
import { formatCount, formatDate } from '../platform/japanese-format.js';
import type { CommandLine } from './command-line.js';
import { writeOutput } from './output-file.js';

export function addPrivacyCommands(program: Command, line: CommandLine): void {
  program
    .command('person')
    .description('個人の記録')
    .command('export')
    .description('1人の記録のすべてを1つのファイルに書き出す(開示請求用)')
    .argument('<number>', '職員番号')
    .requiredOption('--out <file>', '書き出すファイル(HTML)')
    .action((number: string, options: { out: string }) =>
      line.answer(async ({ personExports }) => {
        const { bytes } = await personExports.write(line.scope, number);
        const file = resolve(options.out);
        // Readable by the operator only.
        await writeOutput(file, bytes, 0o600);
        return { json: { file, bytes: bytes.length }, text: `${file} に書き出しました。` };
      }),
    );

  program
    .command('retention')
    .description('保存期間を過ぎた退職者の個人情報を消去する')
    .option('--dry-run', '消去せずに対象の人数だけを見る')
    .option('--on <date>', '基準日(省略時は今日)')
    .action((options: { dryRun?: boolean; on?: string }) =>
      line.answer(async ({ retention }) => {
        const run = await retention.run(line.scope, { on: options.on, dryRun: options.dryRun === true });
        const what = `${formatDate(run.on)}時点で退職から${run.months}か月を過ぎた${formatCount(run.due)}人`;
        return {
          json: run,
          text: run.dryRun
            ? `${what}が消去の対象です(確認のみ。何も変更していません)。`
            : `${what}のうち${formatCount(run.erased)}人の個人情報を消去しました。集計の数字は変わりません。`,
        };
      }),
    );
}
