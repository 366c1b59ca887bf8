import type { Command } from 'commander';
import { formatDate } from '../platform/japanese-format.js';
import type { ImportService } from '../platform/imports/import.service.js';
import { table, type CommandLine } from './command-line.js';
import { describeCounts } from './import-text.js';
import { wholeNumber } from './import.commands.js';

type ImportBatch = Awaited<ReturnType<ImportService['get']>>;

const STATES: Partial<Record<ImportBatch['state'], string>> = {
  applied: '反映済み',
  withdrawn: '取り下げ済み',
};

export function addReorganisationCommands(program: Command, line: CommandLine): void {
  const reorganisation = program.command('reorganisation').description('取り込んだ組織改正');

  reorganisation
    .command('list', { isDefault: true })
    .description('反映した組織改正')
    .action(() =>
      line.answer(async ({ imports }) => {
        const found = (await imports.list('reorganisation')).filter(
          ({ state }) => STATES[state] !== undefined,
        );
        return { json: { reorganisations: found.map(toJson) }, text: describe(found) };
      }),
    );

  reorganisation
    .command('withdraw')
    .description('その日がまだ来ていない組織改正を取り下げる')
    .argument('<id>', '一覧にある番号', wholeNumber)
    .action((id: number) =>
      line.answer(async ({ imports, ledger }) => {
        const batch = await imports.withdraw(id, line.scope.actor);
        await ledger.fold();
        return {
          json: toJson(batch),
          text: `${formatDate(batch.options.asOf!)}からの組織改正を取り下げました。この組織改正による変更は残っていません。`,
        };
      }),
    );
}

function toJson({ id, state, options, fileNames, appliedAt, withdrawnAt }: ImportBatch) {
  return { id, state, asOf: options.asOf, files: fileNames, appliedAt, withdrawnAt };
}

function describe(batches: readonly ImportBatch[]): string {
  if (batches.length === 0) return '反映した組織改正はありません。';
  const rows = batches.map(({ id, options, state, report }) => [
    String(id),
    formatDate(options.asOf!),
    STATES[state]!,
    describeCounts(report),
  ]);
  return table([['番号', '組織改正の日', '状態', '内容'], ...rows], ['right', 'left', 'left', 'left']);
}
