/** What people are told about their exceptions: that something was decided, and that it ends. Never which category, never why. */
import { formatDate } from '../platform/japanese-format.js';
import { addDays, type IsoDate } from '../platform/month.js';
import { contactOf } from './message-contact.js';
import { unreachable } from './mail-address.js';
import type { MessageContext, PlannedMessage } from './planned-wave.js';
import { dayAndWeekday } from './wave-dates.js';

export interface ExceptionRecipient {
  readonly staffId: number;
  readonly unitId: number;
  readonly unitCode: string;
  readonly unitName: string | null;
  readonly email: string | null;
}

export interface ExceptionMessageContext extends MessageContext {
  /** What the message is about, so that it is said once: `exception:5`, `decision:9`. */
  readonly about: string;
  readonly url: string;
}

export interface ExceptionDecidedContext extends ExceptionMessageContext {
  readonly approved: boolean;
  /** Empty where it was not approved. */
  readonly from: string;
  readonly until: string;
}

export interface ExceptionEndingContext extends ExceptionMessageContext {
  readonly until: string;
  readonly back: string;
}

export interface ExceptionMessageFacts {
  readonly on: IsoDate;
  readonly city: { readonly name: string; readonly contact: string };
  readonly baseUrl: string;
  /** Addresses that are not one person's alone, in small letters. */
  readonly shared: ReadonlySet<string>;
}

const WHO_SEES =
  '申請の種類・説明・理由を見るのは、あなたの所属を担当する人事課の担当者だけです。所属長には、例外のことを伝えません。';

export function decidedContext(
  facts: ExceptionMessageFacts,
  decision: { readonly id: number; readonly approved: boolean; readonly from: IsoDate; readonly to: IsoDate },
): ExceptionDecidedContext {
  const { approved } = decision;
  return {
    ...common(facts, `decision:${decision.id}`),
    approved,
    from: approved ? formatDate(decision.from) : '',
    until: approved ? formatDate(decision.to) : '',
  };
}

export function endingContext(
  facts: ExceptionMessageFacts,
  { exceptionId, until }: { readonly exceptionId: number; readonly until: IsoDate },
): ExceptionEndingContext {
  return {
    ...common(facts, aboutEnd(exceptionId)),
    until: dayAndWeekday(until),
    back: formatDate(addDays(until, 1)),
  };
}

export function aboutEnd(exceptionId: number): string {
  return `exception:${exceptionId}`;
}

/**
 * Not about the person's card: whoever is in an exception is told about its end, which the check before sending would
 * keep back.
 */
export function toPerson(
  { shared }: ExceptionMessageFacts,
  { staffId, unitId, unitCode, unitName, email }: ExceptionRecipient,
  context: ExceptionMessageContext,
): PlannedMessage {
  const suppressed = unreachable(email, shared);
  return {
    recipient: `staff:${staffId}`,
    staffId,
    unitId,
    unit: { code: unitCode, name: unitName ?? unitCode },
    address: suppressed === null ? email : null,
    suppressed,
    personal: false,
    context,
  };
}

function common({ on, city, baseUrl }: ExceptionMessageFacts, about: string): ExceptionMessageContext {
  return {
    city: city.name,
    contact: contactOf(city),
    whoSees: WHO_SEES,
    writtenOn: formatDate(on),
    about,
    url: `${baseUrl}/account/exceptions`,
  };
}

const EXAMPLE: ExceptionMessageFacts = {
  on: '2022-11-10',
  city: { name: '見本市', contact: '人事課 内線2345' },
  baseUrl: 'https://card.example.jp',
  shared: new Set(),
};
const YEAR = { id: 1, from: '2022-12-01', to: '2023-03-31' };

/** Invented data to try templates on: of a decision both ways. */
export const EXCEPTION_DECIDED_EXAMPLES = [
  decidedContext(EXAMPLE, { ...YEAR, approved: true }),
  decidedContext(EXAMPLE, { ...YEAR, approved: false }),
];
export const EXCEPTION_ENDING_EXAMPLES = [endingContext(EXAMPLE, { exceptionId: 1, until: '2022-11-30' })];
