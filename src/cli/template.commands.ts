import { open } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import type { Command } from 'commander';
import { AppError } from '../platform/errors.js';
import { formatCount } from '../platform/japanese-format.js';
import { decodeFile, detectEncoding } from '../platform/tabular/text-encoding.js';
import { refusedTemplate } from '../reminders/template-problem.js';
import { readTemplateFile, templateFile, type TemplateText } from '../reminders/template-markup.js';
import type { TemplatePreview, TemplateSummary, TemplateView } from '../reminders/template.types.js';
import { table, type CommandLine } from './command-line.js';
import { inputFile, wholeNumber } from './import.commands.js';

interface SetOptions {
  readonly name?: string;
  readonly reason: string;
  readonly dryRun?: boolean;
}

export function addTemplateCommands(program: Command, line: CommandLine): void {
  const template = program.command('template').description('案内の文面');

  template
    .command('list', { isDefault: true })
    .description('文面と、いま使っている版')
    .action(() =>
      line.answer(async ({ templates }) => {
        const all = await templates.list(line.scope);
        return { json: { templates: all }, text: describeList(all) };
      }),
    );

  template
    .command('show')
    .description('文面を、ファイルに書く形で表示する')
    .argument('<name>', '文面の名前(例: manager-monthly)')
    .option('--version <number>', 'この版(省略時はいま使っている版)', wholeNumber)
    .action((name: string, { version }: { version?: number }) =>
      line.answer(async ({ templates }) => {
        const shown = await templates.show(line.scope, name);
        return { json: shown, text: textOfVersion(shown, version) };
      }),
    );

  template
    .command('set')
    .description('ファイルの文面を、次の配信から使う')
    .argument('<file>', '1行目が「件名: …」、2行目からが本文のテキスト')
    .option('--name <name>', '文面の名前(省略時はファイル名)')
    .requiredOption('--reason <text>', '変える理由')
    .option('--dry-run', '保存せずに、直すところと出来上がりを見る')
    .action((path: string, { name = basename(path, extname(path)), reason, dryRun }: SetOptions) =>
      line.answer(async ({ templates }) => {
        const text = await readText(path);
        if (dryRun) {
          const preview = await templates.preview(line.scope, name, text);
          if (preview.problems.length > 0) throw refusedTemplate(preview.problems);
          return { json: { ...preview, dryRun }, text: describePreview(preview) };
        }
        const { version } = await templates.save(line.scope, name, { ...text, reason });
        return { json: { name, version, dryRun: false }, text: describeSaved(name, version) };
      }),
    );

  template
    .command('restore')
    .description('前の版の文面に戻す')
    .argument('<name>', '文面の名前')
    .argument('<version>', '戻す版', wholeNumber)
    .requiredOption('--reason <text>', '戻す理由')
    .action((name: string, number: number, { reason }: { reason: string }) =>
      line.answer(async ({ templates }) => {
        const { version } = await templates.restore(line.scope, name, number, reason);
        return { json: { name, version }, text: describeSaved(name, version) };
      }),
    );
}

/** A text is short; whatever is longer is no template. */
const MOST_BYTES = 200_000;

async function readText(path: string): Promise<TemplateText> {
  await inputFile(path);
  const handle = await open(path);
  try {
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(Math.min(size, MOST_BYTES)) });
    const encoding = size <= MOST_BYTES ? await detectEncoding(path, buffer.subarray(0, bytesRead)) : null;
    let text = '';
    if (encoding) for await (const piece of decodeFile(path, encoding)) text += piece;
    const template = readTemplateFile(text);
    if (template) return template;
  } finally {
    await handle.close();
  }
  throw new AppError(
    'not_a_template',
    'refused',
    '1行目が「件名: …」のテキストファイルではありません。template show で表示した形のまま書き換えてください。',
  );
}

function describeList(templates: readonly TemplateSummary[]): string {
  const rows = templates.map(({ name, title, version, shipped, changed }) => [
    name,
    title,
    `第${version}版`,
    shipped ? '製品の文面' : (changed?.reason ?? ''),
  ]);
  return table([['名前', '文面', 'いま使う版', ''], ...rows], ['left', 'left', 'left', 'left']);
}

function textOfVersion({ versions, written }: TemplateView, version: number | undefined): string {
  const text = version === undefined ? written : versions.find((one) => one.version === version)?.written;
  if (text) return templateFile(text).trimEnd();
  throw new AppError('version_not_found', 'not_found', 'この版は見つかりません。');
}

function describePreview({ message, unit, toPersons }: TemplatePreview): string {
  const whose = unit ? `${unit.name}の${toPersons ? '職員' : '所属長'}あて` : '見本の内容';
  return `直すところはありません(確認のみ。保存していません)。${whose}:\n\n件名: ${message!.subject}\n\n${message!.text}`;
}

function describeSaved(name: string, version: number): string {
  return `文面 ${name} は第${formatCount(version)}版です。次の配信から使います。`;
}
