/** What persons are told about their own card, and why somebody is told nothing: no queries. */
import { formatDate, formatMonth } from '../platform/japanese-format.js';
import type { IsoDate, IsoMonth } from '../platform/month.js';
import { contactOf } from './message-contact.js';
import { answerUrlOf } from './answer-token.js';
import { unreachable } from './mail-address.js';
import { MASK } from './mask.js';
import type { MessageContext, PlannedMessage, SuppressionReason } from './planned-wave.js';
import type { Policy } from './policy.js';
import { heldBack, type PersonalLimits } from './reminder-limits.js';
import type { StaffCandidate } from './staff-audience.query.js';
import { deadlineOf, deadlineWords } from './wave-dates.js';

export interface StaffMessageFacts {
  readonly policy: Policy;
  readonly on: IsoDate;
  readonly rules: PersonalLimits;
  readonly city: { readonly name: string; readonly contact: string };
  /** Whether the city lets managers see names. */
  readonly managersSeeNames: boolean;
  readonly baseUrl: string;
  /** Addresses that are not one person's alone, in small letters. */
  readonly shared: ReadonlySet<string>;
}

/** What every message to persons says, and all that the message from the top says. */
export interface StaffMessageContext extends MessageContext {
  readonly deadline: string;
  readonly deadlineShort: string;
}

/** About a card that somebody may get. */
export interface WithoutCardContext extends StaffMessageContext {
  readonly person: { readonly name: string; readonly applied: boolean };
  /** Where to answer. The link of the one who gets it is put in when the message leaves, and kept nowhere. */
  readonly answerUrl: string;
}

/** About the card that somebody has. */
export interface RenewalContext extends StaffMessageContext {
  readonly person: {
    readonly name: string;
    readonly cardUntil: string;
    /** The same for the program: right before the message leaves it is asked again whether it is this card. */
    readonly cardMonth: IsoMonth;
  };
}

/** What everybody gets alike may go to an address that several read. */
const NO_ADDRESSES: ReadonlySet<string> = new Set();

const ONLY_HR =
  'あなたの回答を見るのは人事課の担当者だけです。所属長には人数だけをお伝えします。だれが見たかは記録に残ります。';
const ALSO_MANAGERS =
  'あなたの回答を見るのは人事課の担当者です。団体の設定により、所属長にも氏名と保有の有無を表示しています。だれが見たかは記録に残ります。';

/** True for messages about a person's card. The message from the top is for everybody alike. */
export function isPersonal({ limits }: Policy): boolean {
  return limits.about === 'person' || limits.about === 'card';
}

export function planStaffMessage(facts: StaffMessageFacts, candidate: StaffCandidate): PlannedMessage {
  const { staffId, unitId, unit, email } = candidate;
  const suppressed = suppressionOf(facts, candidate);
  return {
    recipient: `staff:${staffId}`,
    staffId,
    unitId,
    unit,
    address: suppressed === null ? email : null,
    suppressed,
    personal: isPersonal(facts.policy),
    // Made when it is asked for: a look at who gets a wave needs few of them.
    get context() {
      return contextFor(facts, candidate);
    },
  };
}

function suppressionOf(
  { policy, on, rules, shared }: StaffMessageFacts,
  { status, exemptUntil, email, received }: StaffCandidate,
): SuppressionReason | null {
  const personal = isPersonal(policy);
  // What people decided for themselves, or had decided, comes before anything that could be put right.
  if (personal && status === 'undisclosed') return 'undisclosed';
  if (personal && exemptUntil !== null) return `exempt_until:${exemptUntil}`;
  return unreachable(email, personal ? shared : NO_ADDRESSES) ?? heldBack(policy.limits, rules, on, received);
}

function contextFor(
  { policy, on, city, managersSeeNames, baseUrl }: StaffMessageFacts,
  { name, status, cardExpires }: StaffCandidate,
): StaffMessageContext | WithoutCardContext | RenewalContext {
  const common: StaffMessageContext = {
    city: city.name,
    contact: contactOf(city),
    whoSees: managersSeeNames ? ALSO_MANAGERS : ONLY_HR,
    writtenOn: formatDate(on),
    ...deadlineWords(deadlineOf(on)),
  };
  if (!isPersonal(policy)) return common;
  if (cardExpires === null) {
    const person = { name, applied: status === 'applied' };
    return { ...common, person, answerUrl: answerUrlOf(baseUrl, MASK) };
  }
  const person = { name, cardUntil: formatMonth(cardExpires), cardMonth: cardExpires };
  return { ...common, person };
}
