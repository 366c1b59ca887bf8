import { Argument, InvalidArgumentError, type Command } from 'commander';
import { formatCount, formatDate } from '../platform/japanese-format.js';
import { POLICY_CHANNEL_LABELS } from '../reminders/policy-channel.js';
import { POLICY_STATE_LABELS } from '../reminders/policy-state.js';
import type { StandingRules } from '../reminders/policy.service.js';
import type { ReminderRules } from '../reminders/reminder-rules.js';
import type { OfficeHours, QuietPeriod } from '../reminders/sending-times.js';
import { table, type CommandLine } from './command-line.js';
import { wholeNumber } from './import.commands.js';

interface RuleOptions {
  readonly minGap?: number;
  readonly maxPerYear?: number;
  readonly officeHours?: OfficeHours;
  /** False for `--no-quiet`. */
  readonly quiet?: readonly QuietPeriod[] | boolean;
}

export function addPolicyCommands(program: Command, line: CommandLine): void {
  const policy = program.command('policy').description('リマインド方針と、案内の時期・回数');

  policy
    .command('list', { isDefault: true })
    .description('方針の一覧')
    .action(() =>
      line.answer(async ({ policies }) => {
        const standing = await policies.standing(line.scope);
        return { json: standing, text: describe(standing) };
      }),
    );

  policy
    .command('set')
    .description('方針をオンまたはオフにする')
    .argument('<policy>', '方針の名前(例: manager-monthly)')
    .addArgument(new Argument('<state>', 'on または off').choices(['on', 'off']))
    .action((name: string, state: string) =>
      line.answer(async ({ policies }) => {
        const changed = await policies.set(line.scope, name, state === 'on');
        return { json: changed, text: `${changed.title}: ${POLICY_STATE_LABELS[changed.state]}にしました。` };
      }),
    );

  policy
    .command('channel')
    .description('方針の届け方を変える。チャットの登録がない所属には、どちらでもメールで送る')
    .argument('<policy>', '方針の名前(例: manager-monthly)')
    .addArgument(new Argument('<channel>', 'mail または chat').choices(['mail', 'chat']))
    .action((name: string, channel: string) =>
      line.answer(async ({ policies }) => {
        const changed = await policies.setChannel(line.scope, name, channel);
        return {
          json: changed,
          text: `${changed.title}: 届け方を${POLICY_CHANNEL_LABELS[changed.channel]}にしました。`,
        };
      }),
    );

  policy
    .command('rules')
    .description('すべての方針に共通の時期と回数を変える。指定しないものはそのまま')
    .option('--min-gap <days>', '同じ職員への案内の間隔(日)', wholeNumber)
    .option('--max-per-year <count>', '同じ職員への1年の案内の上限(件)', wholeNumber)
    .option('--office-hours <hours>', '送ってよい時間帯(例: 09:00-17:00)', officeHours)
    .option(
      '--quiet <period>',
      '休止期間(例: 2023-02-20/議会/2023-03-20)。くり返して指定し、全体を置き換える',
      quietPeriod,
    )
    .option('--no-quiet', '休止期間をすべて取り消す')
    .action((options: RuleOptions) =>
      line.answer(async ({ policies }) => {
        const rules = await policies.changeRules(line.scope, toChange(options));
        return { json: rules, text: describeRules(rules) };
      }),
    );
}

function toChange({ minGap, maxPerYear, officeHours: hours, quiet }: RuleOptions): Partial<ReminderRules> {
  return {
    ...(minGap !== undefined && { minGapDays: minGap }),
    ...(maxPerYear !== undefined && { maxPerYear }),
    ...(hours && { officeHours: hours }),
    ...(quiet === false && { quietPeriods: [] }),
    ...(Array.isArray(quiet) && { quietPeriods: quiet as QuietPeriod[] }),
  };
}

function officeHours(text: string): OfficeHours {
  const [, from, to] = /^(\d{2}:\d{2})-(\d{2}:\d{2})$/.exec(text) ?? [];
  if (from === undefined || to === undefined)
    throw new InvalidArgumentError('09:00-17:00 のように指定してください。');
  return { from, to };
}

/** The name stands between the days: two days side by side may read as an individual number. */
function quietPeriod(text: string, before: unknown): QuietPeriod[] {
  const [, from, name, to] = /^(\d{4}-\d{2}-\d{2})\/(.+)\/(\d{4}-\d{2}-\d{2})$/.exec(text) ?? [];
  if (from === undefined || to === undefined || name === undefined)
    throw new InvalidArgumentError('2023-02-20/議会/2023-03-20 のように指定してください。');
  return [...(Array.isArray(before) ? (before as QuietPeriod[]) : []), { from, to, name }];
}

function describe({ policies, rules }: StandingRules): string {
  const rows = policies.map(({ name, title, state, schedule, nextOn }) => [
    name,
    title,
    POLICY_STATE_LABELS[state],
    schedule,
    nextOn === null ? '' : formatDate(nextOn),
  ]);
  const columns = ['left', 'left', 'left', 'left', 'left'] as const;
  return `${table([['方針', '', '状態', '時期', '次の予定日'], ...rows], columns)}\n${describeRules(rules)}`;
}

function describeRules({ officeHours: hours, minGapDays, maxPerYear, quietPeriods }: ReminderRules): string {
  return [
    `送ってよい時間帯: 開庁日の${hours.from}から${hours.to}まで`,
    `同じ職員への案内: ${formatCount(minGapDays)}日以上あけて、1年に${formatCount(maxPerYear)}件まで`,
    ...quietPeriods.map(
      ({ from, to, name }) => `休止期間: ${formatDate(from)}から${formatDate(to)}まで ${name}`,
    ),
  ].join('\n');
}
