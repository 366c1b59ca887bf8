import { InvalidArgumentError, type Command } from 'commander';
import type { ChainAnchor, ChainFault } from '../access/audit-chain.js';
import type { AuditCheck } from '../access/audit-chain.service.js';
import type { LedgerCheck } from '../adoption/ledger.service.js';
import { formatCount } from '../platform/japanese-format.js';
import type { CommandLine } from './command-line.js';
import { progressBar } from './progress-bar.js';

const FAULTS: Record<ChainFault, string> = {
  altered: '内容が書き換えられています',
  removed: '記録が取り除かれたか、順番が変えられています',
  end: '末尾の記録が足りないか、正しい手順によらずに加えられています',
  anchor: '以前に控えた値と一致しません',
};

export function addVerifyCommand(program: Command, line: CommandLine): void {
  program
    .command('verify')
    .description('数字が名簿と記録のとおりか、操作の記録が書き換えられていないかを確かめる')
    .option('--rebuild', '確かめる前に、数えた結果をすべて名簿と記録から作り直す')
    .option('--audit', '操作の記録だけを確かめる')
    .option(
      '--anchor <rows:hash>',
      '控えておいた値とも照らし合わせる(くり返し指定できる)',
      (text: string, before: ChainAnchor[]) => [...before, toAnchor(text)],
      [] as ChainAnchor[],
    )
    .action((options: { anchor: ChainAnchor[]; rebuild?: boolean; audit?: boolean }) =>
      line.answer(async ({ auditChain, ledger }) => {
        if (options.rebuild) await ledger.rebuild(progressBar('作り直し'));
        const figures = options.audit ? null : await ledger.verify(progressBar('数え直し'));
        const check = await auditChain.verify(options.anchor);
        const { rows, head, firstBroken, fault, chain, anchors } = check;
        const ok = firstBroken === null;
        return {
          json: {
            ...(figures && { rebuilt: options.rebuild === true, ledger: figures }),
            audit: { rows, ok, firstBroken, fault, head, chain, anchors },
          },
          text: [...(figures ? [describeFigures(figures)] : []), describe(check)].join('\n'),
          exitCode: ok && !figures?.differenceCount ? 0 : 1,
        };
      }),
    );
}

function describeFigures({ days, daysOfChange, figures, differenceCount, differences }: LedgerCheck): string {
  const how = `${formatCount(days)}日分の${formatCount(figures)}所属(変化のあった日は${formatCount(daysOfChange)}日)を数え直しました`;
  if (differenceCount === 0) return `数字: ${how}。すべて一致しています。`;
  const lines = differences.map(
    ({ asOf, unit, counter, ledger, facts }) =>
      `  ${asOf} ${unit} ${counter} 表示 ${formatCount(ledger)} 数え直し ${formatCount(facts)}`,
  );
  const more = differenceCount - differences.length;
  return [
    `数字: ${how}。${formatCount(differenceCount)}か所が一致しません。verify --rebuild で作り直せます。`,
    ...lines,
    ...(more > 0 ? [`  ほか ${formatCount(more)}か所`] : []),
  ].join('\n');
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
