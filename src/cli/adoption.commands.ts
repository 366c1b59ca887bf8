import { InvalidArgumentError, Option, type Command } from 'commander';
import { definitionWords } from '../adoption/definition.js';
import type { Trend, UnitAdoption } from '../adoption/adoption.types.js';
import { elsewhereWords, TREES, treeWords, type Tree } from '../adoption/tree.js';
import { CARD_STATUS_LABELS, CARD_STATUSES, isCardStatus, type CardStatus } from '../ledger/card-status.js';
import {
  formatCount,
  formatDate,
  formatGoalRate,
  formatMonth,
  formatPercent,
  formatPoints,
} from '../platform/japanese-format.js';
import { describeChanges } from './changes-text.js';
import { table, type CommandLine } from './command-line.js';
import { wholeNumber } from './import.commands.js';

const treeOption = () =>
  new Option('--tree <tree>', 'then: 当時の組織 / now: 現在の組織に組み替え').choices(TREES).default('then');

export function addAdoptionCommands(program: Command, line: CommandLine): void {
  program
    .command('rates')
    .description('所属の人数と保有率')
    .option('--unit <code>', '所属コード(省略時は全体)')
    .option('--as-of <date>', '基準日(省略時は今日)')
    .option('--depth <levels>', '下の階層をいくつまで出すか', wholeNumber, 1)
    .addOption(treeOption())
    .action((options: { unit?: string; asOf?: string; depth: number; tree: Tree }) =>
      line.answer(async ({ adoption }) => {
        const figures = await adoption.unit(
          line.scope,
          options.unit,
          options.asOf,
          options.depth,
          options.tree,
        );
        return { json: figures, text: describeAdoption(figures) };
      }),
    );

  program
    .command('trend')
    .description('各月末の人数と保有率')
    .option('--unit <code>', '所属コード(省略時は全体)')
    .requiredOption('--from <month>', '最初の月(例: 2022-04)')
    .requiredOption('--to <month>', '最後の月(例: 2022-10)')
    .addOption(treeOption())
    .action((options: { unit?: string; from: string; to: string; tree: Tree }) =>
      line.answer(async ({ adoption }) => {
        const { unit, from, to, tree } = options;
        const trend = await adoption.trend(line.scope, unit, from, to, tree);
        return { json: trend, text: describeTrend(trend) };
      }),
    );

  program
    .command('changes')
    .description('2つの日の間の増減の内訳')
    .option('--unit <code>', '所属コード(省略時は全体)')
    .requiredOption('--from <date>', '前の日(例: 2022-09-30)')
    .requiredOption('--to <date>', '後の日(例: 2022-10-31)')
    .action((options: { unit?: string; from: string; to: string }) =>
      line.answer(async ({ changes }) => {
        const found = await changes.between(line.scope, options.unit, options.from, options.to);
        return { json: found, text: describeChanges(found) };
      }),
    );

  program
    .command('status')
    .description('職員1人の取得状況を記録する')
    .argument('<number>', '職員番号')
    .requiredOption('--set <status>', `取得状況(${CARD_STATUSES.join(' / ')})`, toStatus)
    .option('--on <date>', 'いつからか(省略時は今日)')
    .option('--expires <month>', 'カードの有効期限の年月(例: 2027-03)')
    .action((number: string, options: { set: CardStatus; on?: string; expires?: string }) =>
      line.answer(async ({ cardEvents }) => {
        const event = await cardEvents.record(line.scope, number, {
          status: options.set,
          on: options.on,
          expiresOn: options.expires,
        });
        return {
          json: event,
          text: `${formatDate(event.effectiveOn)}から「${CARD_STATUS_LABELS[options.set]}」として記録しました。${event.expiresOn === null ? '' : `カードの有効期限は${formatMonth(event.expiresOn)}です。`}`,
        };
      }),
    );

  program
    .command('renumber')
    .description('職員番号を変更する(記録はそのまま引き継ぐ)')
    .argument('<old>', '今の職員番号')
    .argument('<new>', '新しい職員番号')
    .action((former: string, number: string) =>
      line.answer(async ({ numbers }) => {
        const renumbered = await numbers.renumber(line.scope, former, number);
        return {
          json: renumbered,
          text: `職員番号を「${renumbered.number}」に変更しました。記録はそのまま引き継ぎます。`,
        };
      }),
    );
}

function toStatus(text: string): CardStatus {
  const status = isCardStatus(text)
    ? text
    : CARD_STATUSES.find((candidate) => CARD_STATUS_LABELS[candidate] === text);
  if (!status) throw new InvalidArgumentError(`${CARD_STATUSES.join(' / ')} のどれかを指定してください。`);
  return status;
}

/** The unit, its children by people remaining, and the citizens, each with what it is counted from. */
export function describeAdoption(adoption: UnitAdoption): string {
  const { unit, goal, citizens } = adoption;
  const head =
    `${unit.name} ${formatDate(adoption.asOf)}時点  保有率 ${formatPercent(adoption.rate)}` +
    `(保有 ${formatCount(adoption.held)}人 ÷ 在籍 ${formatCount(adoption.staff)}人)` +
    `  目標 ${formatGoalRate(goal.rate)}${goal.by === null ? '' : `(${formatDate(goal.by)}まで)`}まで残り ${formatCount(adoption.remaining)}人`;
  const rows = adoption.children.toSorted((a, b) => b.remaining - a.remaining).map((child) => toRow(child));
  const lines = [
    head,
    ...(adoption.tree === 'now' ? [treeWords(adoption)] : []),
    '',
    table(
      [
        ['所属', '残り', '保有率', '保有', '在籍'],
        ...rows,
        toRow({ ...adoption, unit: { ...unit, name: '計' } }),
      ],
      ['left', 'right', 'right', 'right', 'right'],
    ),
  ];
  const gone = elsewhereWords(adoption);
  if (gone !== null) lines.push(gone);
  if (citizens.length > 0) {
    const compared = citizens.map((citizen) => [
      citizen.area,
      citizen.metric === 'issued' ? '交付' : '保有',
      formatPercent(citizen.rate),
      citizen.differencePoints === null ? '' : `${formatPoints(citizen.differencePoints)}ポイント`,
      `${formatDate(citizen.asOf)}時点`,
    ]);
    lines.push(
      '',
      table(
        [['市民', '指標', '割合', '職員との差', ''], ...compared],
        ['left', 'left', 'right', 'right', 'left'],
      ),
    );
    lines.push(
      '市民は公表された枚数 ÷ 人口(総務省)、職員は保有者 ÷ 在籍職員。定義が異なるため差は目安です。',
    );
  }
  lines.push('', `集計定義 ${definitionWords(adoption.definition)}`);
  return lines.join('\n');
}

function toRow({ unit, remaining, rate, held, staff }: UnitAdoption): string[] {
  return [unit.name, formatCount(remaining), formatPercent(rate), formatCount(held), formatCount(staff)];
}

function describeTrend(trend: Trend): string {
  const rows = trend.points.map((point) => [
    formatMonth(point.month),
    formatPercent(point.rate),
    formatCount(point.held),
    formatCount(point.staff),
    definitionWords(point.definition),
    ...(point.elsewhere === undefined ? [] : [formatCount(point.elsewhere)]),
  ]);
  const gone = trend.tree === 'now' ? ['現在はない所属にいた人'] : [];
  const header = ['月末', '保有率', '保有', '在籍', '集計定義', ...gone];
  const align = ['left', 'right', 'right', 'right', 'left', 'right'] as const;
  return `${trend.unit.name} ${treeWords(trend)}\n${table([header, ...rows], align)}`;
}
