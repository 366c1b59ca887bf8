import type { IsoDate, IsoMonth } from '../month.js';
import { explainBadDate, parseDate, parseMonth } from '../wareki.js';
import type { TableRecord } from './table.types.js';

/** No name, code or address of a city hall is longer. */
export const MAX_LENGTH = 200;

/** Control characters, and those that turn the direction of writing: a name can pretend to be another with them. */
const CONTROL = /[\p{Cc}\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]/u;
const ORDINARY = /^[ -~\u3000-\u30ff\u4e00-\u9fff]*$/;
/** How personnel systems write that a period has no end. */
const NO_END = /^(?:9999|2999)[-/.年]?(?:12[-/.月]?31日?|99[-/.]?99)(?: 0?0:00(?::00)?)?$/;
/** One plain address: no display name, no list, no quoting, no route. Domains may be of one label on a closed network. */
const ADDRESS =
  /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*$/;

/** True when the value is free of control characters and not too long; otherwise says so. Blank is fine. */
export function isPlain<Key extends string>(record: TableRecord<Key>, key: Key): boolean {
  const text = record.raw(key);
  if (text.length <= MAX_LENGTH && ORDINARY.test(text)) return true;
  if (CONTROL.test(text)) {
    record.problem(key, {
      code: 'control_character',
      expected: '改行や制御文字を含まない値',
      fix: 'セルの中の改行や、目に見えない文字を取り除いてください。',
    });
    return false;
  }
  if (text.length > MAX_LENGTH && [...text].length > MAX_LENGTH) {
    record.problem(key, {
      code: 'too_long',
      expected: `${MAX_LENGTH}文字まで`,
      fix: '列がずれていないか確かめ、値を短くしてください。',
    });
    return false;
  }
  return true;
}

/** The value of a required cell; '' after saying what is wrong. */
export function requiredText<Key extends string>(
  record: TableRecord<Key>,
  key: Key,
  read: 'get' | 'raw' = 'get',
): string {
  const text = record[read](key);
  if (text === '') {
    record.problem(key, {
      code: 'missing_value',
      expected: `空欄でない${record.header(key)}`,
      fix: '値を入力してください。データでない行なら、行ごと削除してください。',
    });
    return '';
  }
  return isPlain(record, key) ? text : '';
}

/** The value of an optional cell; null when blank or refused. */
export function optionalText<Key extends string>(
  record: TableRecord<Key>,
  key: Key,
  read: 'get' | 'raw' = 'get',
): string | null {
  const text = record[read](key);
  return text !== '' && isPlain(record, key) ? text : null;
}

/** A day; null when blank or refused. */
export function optionalDate<Key extends string>(record: TableRecord<Key>, key: Key): IsoDate | null {
  const text = record.get(key);
  if (text === '') return null;
  const date = knownDate(text);
  if (date === null) {
    record.problem(key, {
      code: 'bad_date',
      expected: '実在する日付(例:R4.12.1)',
      fix: explainBadDate(text),
    });
  }
  return date;
}

/** A month, of which a day may be given; null when blank or refused. */
export function optionalMonth<Key extends string>(record: TableRecord<Key>, key: Key): IsoMonth | null {
  const text = record.get(key);
  if (text === '') return null;
  const month = parseMonth(text);
  if (month === null) {
    record.problem(key, {
      code: 'bad_month',
      expected: '実在する年月(例:2027-03、令和9年3月)',
      fix: '年月として読み取れません。2027/3 または R9.3 のように直してください。',
    });
  }
  return month;
}

/** The dates of a roster are few and often the first of April: each is parsed once, within bounds. */
const knownDates = new Map<string, IsoDate | null>();
const MAX_KNOWN_DATES = 10_000;

function knownDate(text: string): IsoDate | null {
  const known = knownDates.get(text);
  if (known !== undefined) return known;
  if (knownDates.size >= MAX_KNOWN_DATES) knownDates.clear();
  const date = parseDate(text);
  knownDates.set(text, date);
  return date;
}

/** The last day of a period; null when blank, refused or written as the end of time (9999-12-31). */
export function optionalLastDay<Key extends string>(record: TableRecord<Key>, key: Key): IsoDate | null {
  return NO_END.test(record.get(key)) ? null : optionalDate(record, key);
}

/** Says so when the first day is later than the last one. */
export function refuseReversed<Key extends string>(
  record: TableRecord<Key>,
  first: IsoDate | null,
  last: IsoDate | null,
  lastKey: Key,
  firstKey: Key,
): void {
  if (first === null || last === null || first <= last) return;
  record.problem(lastKey, {
    code: 'dates_reversed',
    expected: `${record.header(firstKey)}(${first})以後の日付`,
    fix: '2つの日付が逆になっていないか確かめてください。',
  });
}

/** Exactly one plain mail address; null when blank or refused. */
export function optionalEmail<Key extends string>(record: TableRecord<Key>, key: Key): string | null {
  const text = record.get(key);
  if (text === '' || !isPlain(record, key)) return null;
  if (ADDRESS.test(text)) return text;
  record.problem(key, {
    code: 'bad_email',
    expected: 'メールアドレス1件(例:hanako@example.jp)',
    fix: '名前や「;」などを付けず、アドレスを1件だけ入力してください。',
  });
  return null;
}
