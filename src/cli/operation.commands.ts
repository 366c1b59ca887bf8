import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Role } from '../access/scope.js';
import type { CommandLine } from './command-line.js';

const ROLES: readonly Role[] = ['hr', 'manager', 'leader', 'auditor', 'admin'];

interface CityOptions {
  readonly name?: string;
  readonly code?: string;
  readonly compare?: string[];
  readonly contact?: string;
}

export function addOperationCommands(program: Command, line: CommandLine): void {
  const user = program.command('user').description('利用者');
  user
    .command('add')
    .description('利用者を加える(最初のパスワードを一度だけ表示する)')
    .argument('<name>', 'ログイン名')
    .addOption(new Option('--role <role>', '権限').choices(ROLES).makeOptionMandatory())
    .option('--unit <code>', '権限の及ぶ所属(省略時は全体)')
    .option('--display-name <name>', '画面に出す名前')
    .action((name: string, options: { role: Role; unit?: string; displayName?: string }) =>
      line.answer(async ({ users }) => {
        const { user: added, oneTimePassword } = await users.add(
          { name, role: options.role, unitCode: options.unit, displayName: options.displayName },
          line.scope.actor,
        );
        return {
          json: { name: added.name, role: options.role, unit: options.unit ?? null, oneTimePassword },
          text: `${added.name} を加えました。最初のパスワード: ${oneTimePassword}\n(この表示は一度だけです。ログインすると新しいパスワードの設定を求めます)`,
        };
      }),
    );

  program
    .command('city')
    .description('団体の名前、コード、比べる団体、問い合わせ先を見る・設定する')
    .option('--name <name>', '団体の名前')
    .option('--code <code>', '全国地方公共団体コード(6桁)')
    .option('--compare <codes>', '比べる団体のコード(コンマ区切り)', (list: string) => list.split(','))
    .option('--contact <text>', '問い合わせ先')
    .action((options: CityOptions) =>
      line.answer(async ({ cities }) => {
        if (Object.keys(options).length > 0) {
          const now = await cities.current();
          await cities.set(
            {
              name: options.name ?? now.name,
              areaCode: options.code ?? now.areaCode,
              compareCodes: options.compare ?? now.compareCodes,
              contact: options.contact ?? now.contact,
            },
            line.scope.actor,
          );
        }
        const city = await cities.current();
        return {
          json: city,
          text: `${city.name}(${city.areaCode ?? 'コード未設定'}) 比べる団体 ${city.compareCodes.join(', ')} 問い合わせ先 ${city.contact || '未設定'}`,
        };
      }),
    );

  program
    .command('goal')
    .description('目標を設定する')
    .requiredOption('--rate <percent>', '目標の保有率(%)', toRate)
    .option('--by <date>', 'いつまでに')
    .option('--from <date>', 'いつから有効か(省略時は今日)')
    .action((options: { rate: number; by?: string; from?: string }) =>
      line.answer(async ({ cities }) => {
        const goal = { rate: options.rate, by: options.by ?? null };
        await cities.setGoal(goal, line.scope.actor, options.from);
        return { json: goal, text: `目標を ${options.rate}% にしました。` };
      }),
    );
}

function toRate(text: string): number {
  if (!/^\d{1,3}(\.\d)?$/.test(text))
    throw new InvalidArgumentError('100 や 95.5 のように指定してください。');
  return Number(text);
}
