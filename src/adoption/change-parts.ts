/** Why the figures of a unit differ between two days: the parts, and what they say together. No queries. */
import type { IsoDate } from '../platform/month.js';
import type { UnitName } from './adoption.types.js';
import type { DefinitionName } from './definition.js';
import { percentage, points, type Counts } from './rate.js';

/**
 * Every person is looked at on the two days alone, whatever happened in between, and belongs to one part. Where somebody
 * is comes first, then whether that person is counted, then the answer:
 *
 * - below the unit on the later day alone, and counted then:
 *   `joined` in no unit on the earlier day
 *   `reorganised_in` in the same unit on both days, which was not below this one
 *   `transferred_in` in another unit
 * - below it on the earlier day alone, and counted then: `left`, `reorganised_out`, `transferred_out`, likewise
 * - below it on both days, counted on the later alone:
 *   `definition_in` the definition of the later day would have counted that person on the earlier day already
 *   `began_to_count` it would not: the person has come back from leave, has served long enough, has another 雇用区分
 * - below it on both days, counted on the earlier alone:
 *   `definition_out` the definition of the later day would not have counted that person even on the earlier day
 *   `ceased_to_count` it would have: the person has gone on leave, or has another 雇用区分
 * - below it and counted on both days, and the status differs:
 *   `new_card` held now; a known status without a card (applied, not applied, lapsed) before
 *   `newly_answered` unanswered or undisclosed before, and an answer now: also held, since nobody knows how old the card is
 *   `lapsed` held before; a known status without a card now
 *   `other_answer` any other change
 *
 * Exceptions overlap the statuses, so they have parts of their own for whoever is counted on both days: `exception_began`
 * and `exception_ended`, the latter also by a card. Of people who come and go they are told within that part.
 */
export const CHANGE_PARTS = [
  'new_card',
  'newly_answered',
  'lapsed',
  'other_answer',
  'exception_began',
  'exception_ended',
  'joined',
  'left',
  'transferred_in',
  'transferred_out',
  'reorganised_in',
  'reorganised_out',
  'began_to_count',
  'ceased_to_count',
  'definition_in',
  'definition_out',
] as const;
export type ChangePart = (typeof CHANGE_PARTS)[number];

export const CHANGE_PART_LABELS: Record<ChangePart, string> = {
  new_card: '新しく取得',
  newly_answered: '新しく回答(未回答・回答しないから)',
  lapsed: '失効・返納など',
  other_answer: 'そのほかの回答の変更',
  exception_began: '例外の開始',
  exception_ended: '例外の終了(取得を含む)',
  joined: '採用など',
  left: '退職など',
  transferred_in: 'ほかの所属からの異動',
  transferred_out: 'ほかの所属への異動',
  reorganised_in: '組織改正で加わった所属の職員',
  reorganised_out: '組織改正で離れた所属の職員',
  began_to_count: '復職などで集計の対象に',
  ceased_to_count: '休職などで集計の対象外に',
  definition_in: '集計定義の変更で対象に',
  definition_out: '集計定義の変更で対象外に',
};

/** The answers of those who are counted on both days (staff stays the same), who comes and goes, and who is counted. */
export type ChangeKind = 'answer' | 'flow' | 'definition';

export function kindOf(part: ChangePart): ChangeKind {
  if (CHANGE_PARTS.indexOf(part) < CHANGE_PARTS.indexOf('joined')) return 'answer';
  return part === 'definition_in' || part === 'definition_out' ? 'definition' : 'flow';
}

/** How much a part changes each counter, and by how many people. */
export interface PartCounts extends Counts {
  readonly part: ChangePart;
  readonly people: number;
}

/** The difference of the rate in steps, in points of the figures as they are shown. */
export interface RateChange {
  readonly before: number | null;
  /** The rate there would be if nobody had come or gone, by the definition of the earlier day. */
  readonly afterAnswers: number | null;
  /** The rate there would be by the definition of the earlier day. */
  readonly afterFlows: number | null;
  readonly after: number | null;
  /** By cards and answers of those who are counted on both days. */
  readonly byAnswers: number | null;
  /** By people who came and went, also from and to leave, with what they hold. */
  readonly byFlows: number | null;
  /** By another definition. */
  readonly byDefinition: number | null;
}

/** The figures of one of the days, and who is counted on it. */
export type ChangeEnd = Pick<Counts, 'staff' | 'held'> &
  Partial<Counts> & { readonly rate: number | null; readonly definition: DefinitionName };

export interface UnitChanges {
  readonly unit: UnitName;
  readonly from: IsoDate;
  readonly to: IsoDate;
  readonly before: ChangeEnd;
  readonly after: ChangeEnd;
  /**
   * In the order of `CHANGE_PARTS`; each counter adds up to `after` − `before`. For those who do not see statuses, the
   * staff of those who came and went: a card of somebody who came alone would be that person's answer.
   */
  readonly parts: readonly (Pick<PartCounts, 'part' | 'people' | 'staff'> & Partial<Counts>)[];
  /** Null for those who do not see statuses. */
  readonly rate: RateChange | null;
}

/** First the answers, then who came and went, then the definition: every step ends in a rate that could be shown. */
export function rateChange(before: Counts, after: Counts, parts: readonly PartCounts[]): RateChange {
  const withKinds = (...kinds: ChangeKind[]) => {
    const some = parts.filter(({ part }) => kinds.includes(kindOf(part)));
    const sum = (counter: 'held' | 'staff') =>
      some.reduce((total, part) => total + part[counter], before[counter]);
    return percentage(sum('held'), sum('staff'));
  };
  const rate = {
    before: withKinds(),
    afterAnswers: withKinds('answer'),
    afterFlows: withKinds('answer', 'flow'),
    after: percentage(after.held, after.staff),
  };
  return {
    ...rate,
    byAnswers: points(rate.afterAnswers, rate.before),
    byFlows: points(rate.afterFlows, rate.afterAnswers),
    byDefinition: points(rate.after, rate.afterFlows),
  };
}
