import { createReadStream } from 'node:fs';
import { text as textOf } from 'node:stream/consumers';
import { Option, type Command } from 'commander';
import { formatDate } from '../platform/japanese-format.js';
import { tokyoDate } from '../platform/month.js';
import type { UnitWebhook } from '../reminders/unit-webhook.query.js';
import { WEBHOOK_FORMATS, WEBHOOK_FORMAT_LABELS } from '../reminders/webhook.js';
import { table, type CommandLine } from './command-line.js';
import { inputFile } from './import.commands.js';

/** An address has one line. */
const MOST_BYTES = 4000;

export function addChatCommands(program: Command, line: CommandLine): void {
  const chat = program.command('chat').description('所属のチャットの登録');

  chat
    .command('list', { isDefault: true })
    .description('チャットを登録した所属。URLは表示しない')
    .action(() =>
      line.answer(async ({ webhooks }) => {
        const units = await webhooks.list(line.scope);
        return { json: { units }, text: describe(units) };
      }),
    );

  chat
    .command('set')
    .description('所属のチャットを登録する。登録してあれば置き換える')
    .argument('<unit>', '所属コード')
    .argument('<file>', '着信WebhookのURLだけを書いたファイル。- は標準入力')
    .addOption(new Option('--format <format>', '形式').choices([...WEBHOOK_FORMATS]).default('text'))
    .action((unit: string, file: string, { format }: { format: string }) =>
      line.answer(async ({ webhooks }) => {
        const webhook = await webhooks.set(line.scope, unit, format, await readUrl(file));
        return { json: webhook, text: `${webhook.unitName}のチャットを登録しました。` };
      }),
    );

  chat
    .command('test')
    .description('所属のチャットに試し送りをする')
    .argument('<unit>', '所属コード')
    .action((unit: string) =>
      line.answer(async ({ webhooks }) => {
        await webhooks.tryOut(line.scope, unit);
        return {
          json: { unit, sent: true },
          text: '試し送りをしました。チャットに届いたか確かめてください。',
        };
      }),
    );

  chat
    .command('remove')
    .description('所属のチャットの登録を取り消す')
    .argument('<unit>', '所属コード')
    .action((unit: string) =>
      line.answer(async ({ webhooks }) => {
        await webhooks.remove(line.scope, unit);
        return { json: { unit, removed: true }, text: '登録を取り消しました。' };
      }),
    );
}

/** From a file: what is typed as an argument stays in the shell's history and in the list of processes. */
async function readUrl(file: string): Promise<string> {
  if (file === '-') return textOf(process.stdin);
  await inputFile(file);
  return textOf(createReadStream(file, { end: MOST_BYTES }));
}

function describe(units: readonly UnitWebhook[]): string {
  if (units.length === 0) return 'チャットを登録した所属はありません。';
  const rows = units.map(({ unitCode, unitName, format, host, recordedAt }) => [
    unitCode,
    unitName,
    WEBHOOK_FORMAT_LABELS[format],
    host,
    formatDate(tokyoDate(recordedAt)),
  ]);
  return table(
    [['所属コード', '所属', '形式', 'ホスト', '登録'], ...rows],
    ['left', 'left', 'left', 'left', 'left'],
  );
}
