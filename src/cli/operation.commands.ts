import { InvalidArgumentError, type Command } from 'commander';
import type { CommandLine } from './command-line.js';

interface CityOptions {
  readonly name?: string;
  readonly code?: string;
  readonly compare?: string[];
  readonly contact?: string;
}

export function addOperationCommands(program: Command, line: CommandLine): void {
  program
    .command('managers-see-names')
    .description('所属長に自分の所属の職員の氏名を表示するかどうかを見る・切り替える')
    .argument('[switch]', 'on または off', toSwitch)
    .action((on: boolean | undefined) =>
      line.answer(async ({ settings }) => {
        if (on !== undefined) await settings.setManagersSeeNames(line.scope, on);
        const now = await settings.managersSeeNames();
        return {
          json: { managersSeeNames: now },
          text: now ? '所属長に氏名を表示しています。' : '所属長に氏名を表示していません。',
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

function toSwitch(text: string): boolean {
  if (text !== 'on' && text !== 'off') throw new InvalidArgumentError('on か off を指定してください。');
  return text === 'on';
}
