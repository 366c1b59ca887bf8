import { InvalidArgumentError, Option, type Command } from 'commander';
import { formatCount } from '../platform/japanese-format.js';
import { OUTCOME_GROUPS, OUTCOME_VERDICTS, type OutcomeGroup } from '../reminders/outcome.js';
import type { Outcome } from '../reminders/outcome.service.js';
import { isWaveAction, WAVE_ACTIONS, type WaveAction } from '../reminders/wave-action.js';
import type { AudienceGroup } from '../reminders/planned-wave.js';
import type { WavePage, WavePreview, WaveRun, WaveState, WaveSummary } from '../reminders/wave.types.js';
import { table, type CommandLine } from './command-line.js';

export function addReminderCommands(program: Command, line: CommandLine): void {
  addWaveCommand(program, line);
  addBouncesCommand(program, line);
  addOutcomeCommand(program, line);
  program
    .command('remind')
    .description('リマインドを1回配信する')
    .argument('<policy>', '方針の名前(例: manager-monthly)')
    .option('--on <date>', '配信日(省略時は今日)')
    .option('--dry-run', '何も送らずに結果だけを見る')
    .option('--test-to <address>', '1通目だけをこのアドレスに試しに送る')
    .action((policy: string, options: { on?: string; dryRun?: boolean; testTo?: string }) =>
      line.answer(async ({ waves, waveTests }) => {
        if (options.testTo !== undefined) {
          const trial = await waveTests.send(line.scope, policy, options.on, options.testTo);
          return { json: trial, text: `試しに1通だけ送りました: ${trial.subject}` };
        }
        if (options.dryRun) {
          const preview = await waves.plan(line.scope, policy, options.on);
          return { json: { ...preview, dryRun: true }, text: describePlan(preview) };
        }
        const wave = await waves.start(line.scope, policy, options.on);
        return { json: { ...wave, dryRun: false }, text: describeRun(wave) };
      }),
    );
}

function addWaveCommand(program: Command, line: CommandLine): void {
  const names = WAVE_ACTIONS.join(' / ');
  program
    .command('wave')
    .description('配信回の一覧。番号を指定すると、その配信回を見る・止める・続ける')
    .argument('[id]', '配信回の番号(省略時は一覧)', toId)
    .argument('[action]', `${names}(省略時は見るだけ)`, toAction)
    .option('--delivery <id>', 'resend と keep で、1件だけを決めるときの配信の番号', toId)
    .option('--cursor <cursor>', '一覧の続きの位置')
    .action(
      (
        id: number | undefined,
        action: WaveAction | undefined,
        options: { delivery?: number; cursor?: string },
      ) =>
        line.answer(async ({ waves, waveControl }) => {
          if (id === undefined) {
            const page = await waves.list(line.scope, options.cursor);
            return { json: page, text: describeWaves(page) };
          }
          if (action !== undefined) await waveControl.act(line.scope, id, action, options.delivery);
          const goesOn = action === 'resume' || action === 'confirm' || action === 'resend';
          const wave = goesOn ? await waves.attend(line.scope, id) : await waves.summary(line.scope, id);
          return { json: wave, text: [...describeWave(wave), ...whyItWaits(wave)].join('\n') };
        }),
    );
}

function addOutcomeCommand(program: Command, line: CommandLine): void {
  program
    .command('outcome')
    .description('案内のあとの保有を、案内しなかった職員と比べる')
    .addOption(new Option('--by <group>', 'まとめ方').choices(OUTCOME_GROUPS).default('wave'))
    .action(({ by }: { by: OutcomeGroup }) =>
      line.answer(async ({ outcomes }) => {
        const found = await outcomes.outcomes(line.scope, by);
        return { json: { outcomes: found }, text: describeOutcomes(found) };
      }),
    );
}

function addBouncesCommand(program: Command, line: CommandLine): void {
  program
    .command('bounces')
    .description('届かずに戻った通知を読み込む')
    .argument('<file>', 'メール、mbox形式のファイル、Maildirのフォルダー。- は標準入力')
    .action((file: string) =>
      line.answer(async ({ bounces }) => {
        const reading = await bounces.read(line.scope, file === '-' ? process.stdin : file);
        const { mails, bounced, known, others } = reading;
        return {
          json: reading,
          text: `メール ${formatCount(mails)}通のうち、戻った配信 ${formatCount(bounced)}件を記録しました(記録済みなど ${formatCount(known)}件、通知でないもの ${formatCount(others)}通)。`,
        };
      }),
    );
}

function toId(text: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new InvalidArgumentError('番号を指定してください。');
  return Number(text);
}

function toAction(text: string): WaveAction {
  if (isWaveAction(text)) return text;
  throw new InvalidArgumentError(`${WAVE_ACTIONS.join(' / ')} のどれかを指定してください。`);
}

function describeOutcomes(outcomes: readonly Outcome[]): string {
  if (outcomes.length === 0) return '配信はまだありません。';
  const rows = outcomes.map(({ policy, templateVersion, to, sent, reached, others, comparison }) => [
    to,
    policy,
    templateVersion === null ? '' : String(templateVersion),
    formatCount(sent),
    `${formatCount(reached.got)} / ${formatCount(reached.people)}`,
    `${formatCount(others.got)} / ${formatCount(others.people)}`,
    OUTCOME_VERDICTS[comparison.verdict],
  ]);
  const head = ['配信日', '方針', '版', '送信', '案内した職員の保有', 'しなかった職員の保有', '読み方'];
  return table([head, ...rows], ['left', 'left', 'right', 'right', 'right', 'right', 'left']);
}

function describePlan(plan: WavePreview): string {
  const suppressed = plan.suppressed.map(({ reason, count }) => `${reason} ${formatCount(count)}件`);
  return [
    `${plan.title} ${plan.on}: ${formatCount(plan.recipients)}件を送ります(確認のみ。まだ何も送っていません)。`,
    ...(plan.draft !== null ? ['  文面は下書きです。書き換えて保存するまで、送れません。'] : []),
    ...describeAudience(plan),
    ...(suppressed.length > 0 ? [`  送らないもの: ${suppressed.join('、')}`] : []),
    ...(plan.first ? [`  例: ${plan.first.subject}`] : []),
  ].join('\n');
}

function groups(list: readonly AudienceGroup[], between: string): string {
  return list.map(({ label, count }) => `${label} ${formatCount(count)}`).join(between);
}

function describeAudience(wave: {
  readonly considered: readonly AudienceGroup[];
  readonly outside: readonly AudienceGroup[];
}): string[] {
  return [
    ...(wave.considered.length > 0 ? [`  対象: ${groups(wave.considered, '、うち')}`] : []),
    ...(wave.outside.length > 0 ? [`  対象でない人: ${groups(wave.outside, '、')}`] : []),
  ];
}

export function describeRun(wave: WaveRun): string {
  const [title, ...rest] = describeWave(wave);
  const lines = [`${title} 今回 ${formatCount(wave.sentNow)}件を送りました。`, ...rest];
  if (wave.stopped !== null) lines.push(`  まだ終わっていません: ${wave.stopped}`);
  return [...lines, ...wayOn(wave)].join('\n');
}

function whyItWaits(wave: WaveSummary): string[] {
  return [...(wave.note === '' ? [] : [`  いま先に進んでいません: ${wave.note}`]), ...wayOn(wave)];
}

/** What lets a wave go on that waits for somebody. */
function wayOn({ id, state, counts }: WaveSummary): string[] {
  return [
    ...(state === 'awaiting' ? [`  確かめてから続けるには: wave ${id} confirm`] : []),
    ...(state === 'paused' ? [`  続けるには: wave ${id} resume`] : []),
    ...(counts.unknown > 0
      ? [`  届いたか分からないものを決めるには: wave ${id} resend(もう一度送る) または keep(送信済みとする)`]
      : []),
  ];
}

function describeWaves({ waves, nextCursor }: WavePage): string {
  if (waves.length === 0) return '配信はまだありません。';
  const rows = waves.map(({ id, on, title, state, counts }) => [
    String(id),
    on,
    title,
    STATES[state],
    ...[counts.planned, counts.sent, counts.unknown, counts.failed + counts.bounced].map(formatCount),
  ]);
  const head = ['番号', '配信日', '方針', '状態', '計画', '送信済み', '不明', '届かなかった'];
  const lines = table([head, ...rows], ['right', 'left', 'left', 'left', 'right', 'right', 'right', 'right']);
  return nextCursor === null ? lines : `${lines}\n続きは --cursor ${nextCursor} で表示します。`;
}

const STATES: Record<WaveState, string> = {
  planned: '開始前',
  awaiting: '確認待ち',
  sending: '配信中',
  paused: '一時停止中',
  finished: '終了',
  cancelled: '中止',
};

function describeWave(wave: WaveSummary): string[] {
  const { planned, sent, failed, bounced, unknown, suppressed, queued } = wave.counts;
  const counts = {
    送信済み: sent,
    失敗: failed,
    戻り: bounced,
    不明: unknown,
    対象外: suppressed,
    待ち: queued,
  };
  const shown = Object.entries(counts).map(([label, count]) => `${label} ${formatCount(count)}`);
  return [
    `${wave.title} ${wave.on}(配信回 ${wave.id}、${STATES[wave.state]}):`,
    ...describeAudience(wave),
    `  全体 ${formatCount(planned)}件のうち ${shown.join('、')}`,
    ...wave.reasons.map(({ reason, count }) => `  ${reason} ${formatCount(count)}件`),
  ];
}
