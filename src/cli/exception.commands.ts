import { Argument, InvalidArgumentError, Option, type Command } from 'commander';
import {
  EXCEPTION_CATEGORIES,
  EXCEPTION_CATEGORY_LABELS,
  EXCEPTION_STATES,
  exceptionStateLabel,
  type ExceptionCategory,
  type ExceptionState,
  type ExceptionView,
} from '../ledger/exception.types.js';
import { formatDate } from '../platform/japanese-format.js';
import { table, type CommandLine } from './command-line.js';
import type { Rooms } from './rooms.js';

interface AskOptions {
  readonly category: ExceptionCategory;
  readonly from: string;
  readonly to?: string;
  readonly note?: string;
  readonly approve?: boolean;
}

export function addExceptionCommands(program: Command, line: CommandLine): void {
  const exception = program.command('exception').description('案内の対象から外れる例外');

  exception
    .command('list', { isDefault: true })
    .description('申請と決定の一覧。新しい順')
    .addOption(new Option('--state <state>', '状態').choices(EXCEPTION_STATES))
    .option('--number <number>', '1人だけ(職員番号)')
    .action(({ state, number }: { state?: ExceptionState; number?: string }) =>
      line.answer(async ({ exceptions }) => {
        const list = await exceptions.list(line.scope, { states: state && [state], number });
        return { json: { exceptions: list }, text: describeList(list) };
      }),
    );

  exception
    .command('ask')
    .description('職員に代わって申請する')
    .argument('<number>', '職員番号')
    .requiredOption('--from <date>', '開始日')
    .option('--to <date>', '終了日(この日を含む。省略時は12か月)')
    .addOption(new Option('--category <category>', '種類').choices(EXCEPTION_CATEGORIES).default('other'))
    .option('--note <text>', '本人の説明(任意)')
    .option('--approve', '登録して、すぐに承認する')
    .action((number: string, { approve, ...request }: AskOptions) =>
      answerOne(line, (exceptions) => exceptions.request(line.scope, { number, ...request }, { approve })),
    );

  exception
    .command('approve')
    .description('承認する')
    .addArgument(idArgument())
    .option('--from <date>', '開始日(申請と違うとき)')
    .option('--to <date>', '終了日(申請と違うとき)')
    .action((id: number, days: { from?: string; to?: string }) =>
      answerOne(line, (exceptions) => exceptions.decide(line.scope, id, 'approved', '', days)),
    );

  exception
    .command('reject')
    .description('却下する')
    .addArgument(idArgument())
    .requiredOption('--reason <text>', '本人に示す理由')
    .action((id: number, { reason }: { reason: string }) =>
      answerOne(line, (exceptions) => exceptions.decide(line.scope, id, 'rejected', reason)),
    );

  exception
    .command('withdraw')
    .description('承認した例外を取り下げる')
    .addArgument(idArgument())
    .option('--on <date>', 'この日から例外でなくなる(省略時は今日)')
    .action((id: number, { on }: { on?: string }) =>
      answerOne(line, (exceptions) => exceptions.withdraw(line.scope, id, on)),
    );

  exception
    .command('appeal')
    .description('却下への不服の申し出を、本人に代わって登録する')
    .addArgument(idArgument())
    .option('--text <text>', '不服の内容(任意)')
    .action((id: number, { text }: { text?: string }) =>
      answerOne(line, (exceptions) => exceptions.appeal(line.scope, id, text)),
    );
}

function answerOne(
  line: CommandLine,
  act: (exceptions: Rooms['exceptions']) => Promise<ExceptionView>,
): Promise<void> {
  return line.answer(async ({ exceptions }) => {
    const exception = await act(exceptions);
    return { json: exception, text: describeList([exception]) };
  });
}

function idArgument(): Argument {
  return new Argument('<id>', '申請の番号(list で確かめられます)').argParser((text) => {
    if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError('番号を指定してください。');
    return Number(text);
  });
}

function describeList(exceptions: readonly ExceptionView[]): string {
  if (exceptions.length === 0) return '例外の申請はありません。';
  const rows = exceptions.map((exception) => [
    String(exception.id),
    exception.number,
    exceptionStateLabel(exception),
    EXCEPTION_CATEGORY_LABELS[exception.category],
    `${formatDate(exception.from)}から${formatDate(exception.to)}まで`,
  ]);
  return table(
    [['番号', '職員番号', '状態', '種類', '期間'], ...rows],
    ['right', 'left', 'left', 'left', 'left'],
  );
}
