import { AppError } from '../errors.js';

/** What an import does, in this order; a preview of a roster ends before `counting`, one of a reorganisation before `settling`. */
export const IMPORT_STAGES = [
  'waiting',
  'reading',
  'checking',
  'comparing',
  'writing',
  'counting',
  'settling',
] as const;
export type ImportStage = (typeof IMPORT_STAGES)[number];

export const STAGE_LABELS: Record<ImportStage, string> = {
  waiting: '順番待ち',
  reading: '読み取り',
  checking: '照合',
  comparing: '比較',
  writing: '書き込み',
  counting: '集計',
  settling: '確定',
};
/** Said to whoever comes second. */
export const WAITING = 'ほかの取込が終わるのを待っています。終わると自動で始まります。';

/** `done` of `of`: bytes while reading, people while counting. Both are 0 where nothing is counted. */
export interface ImportProgress {
  readonly stage: ImportStage;
  readonly done: number;
  readonly of: number;
}

/** Whoever waits for an import: is told how far it is, and may stop it until it is committed. */
export interface ImportWatch {
  readonly tell?: (progress: ImportProgress) => void;
  readonly signal?: AbortSignal;
}

/** To be called wherever an import can stop. Throws `import_cancelled`. */
export type Reach = (stage: ImportStage, done?: number, of?: number) => void;

export function reachOf({ tell, signal }: ImportWatch): Reach {
  return (stage, done = 0, of = 0) => {
    if (signal?.aborted) throw cancelled();
    tell?.({ stage, done, of });
  };
}

export function cancelled(): AppError {
  return new AppError('import_cancelled', 'conflict', '取込を取りやめました。何も変更していません。');
}
