import type { Command } from 'commander';
import { formatCount } from '../platform/japanese-format.js';
import type { WavePreview, WaveRun } from '../reminders/wave.types.js';
import type { CommandLine } from './command-line.js';

export function addReminderCommands(program: Command, line: CommandLine): void {
  program
    .command('remind')
    .description('リマインドを1回配信する')
    .argument('<policy>', '方針の名前(例: manager-monthly)')
    .option('--on <date>', '配信日(省略時は今日)')
    .option('--dry-run', '何も送らずに結果だけを見る')
    .action((policy: string, options: { on?: string; dryRun?: boolean }) =>
      line.answer(async ({ waves }) => {
        if (options.dryRun) {
          const preview = await waves.plan(line.scope, policy, options.on);
          return { json: { ...preview, dryRun: true }, text: describePlan(preview) };
        }
        const wave = await waves.start(line.scope, policy, options.on);
        return { json: { ...wave, dryRun: false }, text: describeRun(wave) };
      }),
    );
}

function describePlan(plan: WavePreview): string {
  const suppressed = plan.suppressed.map(({ reason, count }) => `${reason} ${formatCount(count)}件`);
  return [
    `${plan.title} ${plan.on}: ${formatCount(plan.recipients)}件を送ります(確認のみ。まだ何も送っていません)。`,
    ...(suppressed.length > 0 ? [`  送らないもの: ${suppressed.join('、')}`] : []),
    ...(plan.first ? [`  例: ${plan.first.subject}`] : []),
  ].join('\n');
}

export function describeRun(wave: WaveRun): string {
  const { planned, sent, failed, unknown, suppressed, queued } = wave.counts;
  const lines = [
    `${wave.title} ${wave.on}: 今回 ${formatCount(wave.sentNow)}件を送りました。`,
    `  全体 ${formatCount(planned)}件のうち 送信済み ${formatCount(sent)}、失敗 ${formatCount(failed)}、不明 ${formatCount(unknown)}、対象外 ${formatCount(suppressed)}、待ち ${formatCount(queued)}`,
  ];
  for (const { reason, count } of wave.reasons) lines.push(`  ${reason} ${formatCount(count)}件`);
  if (wave.stopped !== null) lines.push(`  途中で止めました: ${wave.stopped}`);
  return lines.join('\n');
}
