import { InvalidArgumentError, Option, type Command } from 'commander';
import type { ChainAnchor, ChainFault } from '../access/audit-chain.js';
import type { AuditCheck } from '../access/audit-chain.service.js';
import { AppError } from '../platform/errors.js';
import { formatCount } from '../platform/japanese-format.js';
import type { CommandLine } from './command-line.js';

const FAULTS: Record<ChainFault, string> = {
  altered: '内容が書き換えられています',
  removed: '記録が取り除かれたか、順番が変えられています',
  end: '末尾の記録が足りないか、正しい手順によらずに加えられています',
  anchor: '以前に控えた値と一致しません',
};

export function addVerifyCommand(program: Command, line: CommandLine): void {
  program
    .command('verify')
    .description('記録が書き換えられていないかを確かめる')
    .option('--audit', '操作の記録だけを確かめる')
    .option(
      '--anchor <rows:hash>',
      '控えておいた値とも照らし合わせる(くり返し指定できる)',
      (text: string, before: ChainAnchor[]) => [...before, toAnchor(text)],
      [] as ChainAnchor[],
    )
    // Part of the contract, not of this version; hidden until there is something to rebuild.
    .addOption(new Option('--rebuild').hideHelp())
    .action((options: { anchor: ChainAnchor[]; rebuild?: boolean }) => {
      if (options.rebuild) {
        throw new AppError(
          'not_available',
          'not_available',
          'verify --rebuild はまだ使えません(not available yet)。',
        );
      }
      return line.answer(async ({ auditChain }) => {
        const check = await auditChain.verify(options.anchor);
        const { rows, head, firstBroken, fault, chain, anchors } = check;
        const ok = firstBroken === null;
        return {
          json: { audit: { rows, ok, firstBroken, fault, head, chain, anchors } },
          text: describe(check),
          exitCode: ok ? 0 : 1,
        };
      });
    });
}

function describe({ rows, head, firstBroken, fault, anchors }: AuditCheck): string {
  if (firstBroken !== null) {
    return `操作の記録: ${formatCount(firstBroken)}件目で食い違いを見つけました(${FAULTS[fault!]})。その前の${formatCount(firstBroken - 1)}件は正しくつながっています。`;
  }
  const compared = anchors > 0 ? `、控え${anchors}つとも一致` : '';
  return `操作の記録: ${formatCount(rows)}件、すべて正しくつながっています${compared}。\n  控え ${rows}:${head}`;
}

function toAnchor(text: string): ChainAnchor {
  const [, rows, head] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (rows === undefined || head === undefined)
    throw new InvalidArgumentError('verify が表示した「控え」の値をそのまま指定してください。');
  return { rows: Number(rows), head };
}
