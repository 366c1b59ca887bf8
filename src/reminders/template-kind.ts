/** What the author of each kind of message may name. Nothing else reaches a message. */
import { AppError } from '../platform/errors.js';
import { EXCEPTION_DECIDED_EXAMPLES, EXCEPTION_ENDING_EXAMPLES } from './exception-message.js';
import { MANAGER_MESSAGE_EXAMPLES } from './manager-message-example.js';
import { MASK } from './mask.js';
import { STAFF_KINDS } from './staff-template-kinds.js';
import { DEADLINE, EVERYWHERE } from './template-names.js';
import { UNIT_KINDS } from './unit-template-kinds.js';

/** A value of the message's data, as authors write it: `{{期限}}`. */
export interface TemplateName {
  readonly name: string;
  /** Where the data has it, such as `own.rate`. */
  readonly path: string;
  readonly description: string;
  /** The condition without which it must not be shown, because it may be missing or not for everybody's eyes. */
  readonly only?: string;
  /** Somebody's own data: previews show it masked. */
  readonly personal?: boolean;
}

/** What `{{#もし …}}` may ask. */
export interface TemplateCondition {
  readonly name: string;
  readonly path: string;
  readonly description: string;
}

/** A ready-made part, `[状況の表]`; its text and HTML stand in templates/messages/locked. */
export interface TemplatePart {
  readonly name: string;
  readonly file: string;
  readonly description: string;
}

export interface TemplateKind {
  /** Also the name of the file under templates/messages. */
  readonly name: string;
  readonly names: readonly TemplateName[];
  readonly conditions: readonly TemplateCondition[];
  readonly parts: readonly TemplatePart[];
  /** Names that must stand where no condition can drop them. */
  readonly required: readonly string[];
  /**
   * The one action: a ready-made part by its name, or null where it is asked for in words alone. Missing where it is
   * `[ボタン: …]`, whose words the author chooses.
   */
  readonly action?: string | null;
  /** Ships to be rewritten: nothing goes out before HR has saved a text of its own. */
  readonly draft?: boolean;
  /** Data that together meet every condition and its opposite: the first is the one to show. */
  readonly examples: readonly object[];
}

/** In every message, once, whatever else it says. */
export const NOTICE: TemplatePart = {
  name: '大切なお知らせ',
  file: 'voluntary-notice',
  description: '任意であること、不利益がないこと、だれが回答を見るか、問い合わせ先(文言は変えられません)',
};

export const TEMPLATE_KINDS: readonly TemplateKind[] = [
  {
    name: 'manager-monthly',
    names: [
      { name: '所属名', path: 'own.name', description: 'あて先の所属長の所属' },
      {
        name: '所属の区分',
        path: 'unitWord',
        description: '局・部・課・室・係(所属名の終わりの字)。そのほかは「所属」',
      },
      { name: DEADLINE, path: 'deadline', description: '案内をお願いする期限(月日と曜日)' },
      { name: '期限の月日', path: 'deadlineShort', description: '件名に入れる短い期限' },
      { name: '基準日', path: 'asOf', description: '数字の時点' },
      { name: '基準月', path: 'monthEnd', description: '数字の時点(短い書き方)' },
      { name: '目標', path: 'goalRate', description: '保有率の目標' },
      { name: '保有率', path: 'own.rate', description: '所属の保有率', only: '率を載せる' },
      { name: '保有人数', path: 'own.people', description: '保有する人数と職員の人数', only: '率を載せる' },
      { name: '残り人数', path: 'own.remaining', description: '目標までの人数', only: '率を載せる' },
      ...EVERYWHERE,
    ],
    conditions: [
      {
        name: '率を載せる',
        path: 'showOwn',
        description:
          '所属の率と人数を書いてよいとき。人数の少ない所属の共用アドレスに送るときは、成り立ちません',
      },
    ],
    parts: [
      { name: '状況の表', file: 'figures', description: '所属・上位の所属・全職員・市民の率の表と棒' },
      {
        name: 'ほかの所属の表',
        file: 'other-units',
        description: 'ほかにも担当する所属がある人にだけ出る表',
      },
      NOTICE,
    ],
    required: [DEADLINE],
    examples: MANAGER_MESSAGE_EXAMPLES,
  },
  ...STAFF_KINDS.map((kind) => ({ ...kind, parts: [...kind.parts, NOTICE] })),
  {
    name: 'exception-decided',
    names: [
      { name: 'はじめの日', path: 'from', description: '例外の開始日', only: '承認した', personal: true },
      { name: '終わりの日', path: 'until', description: '例外の終了日', only: '承認した', personal: true },
      ...EVERYWHERE,
    ],
    conditions: [
      { name: '承認した', path: 'approved', description: '申請を承認したとき。却下では成り立ちません' },
    ],
    parts: [NOTICE],
    required: [],
    examples: EXCEPTION_DECIDED_EXAMPLES,
  },
  {
    name: 'exception-ending',
    names: [
      { name: '終わりの日', path: 'until', description: '例外の終了日(月日と曜日)', personal: true },
      { name: '戻る日', path: 'back', description: 'ふつうの案内に戻る日', personal: true },
      ...EVERYWHERE,
    ],
    conditions: [],
    parts: [NOTICE],
    required: ['終わりの日'],
    examples: EXCEPTION_ENDING_EXAMPLES,
  },
  ...UNIT_KINDS.map((kind) => ({ ...kind, parts: [...kind.parts, NOTICE] })),
];

/** Throws `template_not_found`. */
export function templateKind(name: string): TemplateKind {
  const kind = TEMPLATE_KINDS.find((candidate) => candidate.name === name);
  if (kind) return kind;
  const known = TEMPLATE_KINDS.map((one) => one.name).join('、');
  throw new AppError('template_not_found', 'not_found', `この名前の文面はありません。使える名前: ${known}`);
}

/** The value at a path, of the data's own properties only. */
export function valueAt(context: object, path: string): unknown {
  let value: unknown = context;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

/** The data with everything that is somebody's own made unreadable. */
export function masked<T extends object>(kind: TemplateKind, context: T): T {
  const copy = structuredClone(context);
  for (const { path, personal } of kind.names) {
    const keys = path.split('.');
    const last = keys.pop()!;
    const holder = personal && keys.length > 0 ? valueAt(copy, keys.join('.')) : copy;
    if (personal && holder && Object.hasOwn(holder, last)) (holder as Record<string, unknown>)[last] = MASK;
  }
  return copy;
}
