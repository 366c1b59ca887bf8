import type { RunSubject } from '../../platform/imports/import-runs.service.js';
import {
  IMPORT_STAGES,
  STAGE_LABELS,
  WAITING,
  type ImportProgress,
} from '../../platform/imports/import-watch.js';
import { formatCount, formatDecimal } from '../../platform/japanese-format.js';
import type { RunLink } from './import-list.view.js';
import { IMPORT_KIND_LABELS } from './import-record.view.js';

/** An import under way, as its page needs it. */
export interface RunRecord extends RunLink {
  readonly progress: ImportProgress;
}

export interface ImportRunView {
  readonly kicker: string;
  readonly heading: string;
  readonly steps: readonly { readonly label: string; readonly done: boolean; readonly current: boolean }[];
  /** Null where nothing can be counted. */
  readonly progress: { readonly amount: string; readonly percent: number } | null;
  readonly stage: string;
  readonly note: string;
  readonly stopAction: string;
  readonly stopLabel: string;
  readonly refreshes: boolean;
  readonly href: string;
  readonly quietHref: string;
}

const PURPOSES: Record<
  RunSubject['purpose'],
  { verb: string; last: ImportProgress['stage']; after: string }
> = {
  preview: {
    verb: '確認しています',
    last: 'writing',
    after: '終わると、変わる人数と直すところを表示します。反映するまで何も変更しません。',
  },
  apply: {
    verb: '反映しています',
    last: 'settling',
    after: '終わると、結果を表示します。それまでは、ほかの人には取込前の内容が見えます。',
  },
};
const MEGABYTE = 1_000_000;

export function runHref({ id }: RunLink): string {
  return `/imports/runs/${id}`;
}

export function runHeading({ subject }: RunLink): string {
  return `${IMPORT_KIND_LABELS[subject.kind]}を${PURPOSES[subject.purpose].verb}`;
}

export function toImportRunView(run: RunRecord, refreshes: boolean): ImportRunView {
  const { stage, done, of } = run.progress;
  const { last, after } = PURPOSES[run.subject.purpose];
  const stages = IMPORT_STAGES.slice(1, IMPORT_STAGES.indexOf(last) + 1);
  const href = runHref(run);
  return {
    kicker: `${IMPORT_KIND_LABELS[run.subject.kind]}の取込 ${run.subject.fileNames.join('、')}`,
    heading: runHeading(run),
    steps: stages.map((step) => ({
      label: STAGE_LABELS[step],
      done: stages.indexOf(step) < stages.indexOf(stage),
      current: step === stage,
    })),
    progress: of === 0 ? null : { amount: amountOf(run.progress), percent: Math.floor((done / of) * 100) },
    stage: stage === 'waiting' ? WAITING : `${STAGE_LABELS[stage]}をしています`,
    note: after,
    stopAction: `${href}/stop`,
    stopLabel: '取込をやめる',
    refreshes,
    href,
    quietHref: `${href}?refresh=off`,
  };
}

function amountOf({ stage, done, of }: ImportProgress): string {
  if (stage === 'reading') return `${formatDecimal(done / MEGABYTE)} / ${formatDecimal(of / MEGABYTE)}MB`;
  return `${formatCount(done)} / ${formatCount(of)}人`;
}
