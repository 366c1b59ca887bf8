import { monthOf, type IsoDate, type IsoMonth } from './month.js';

interface Era {
  readonly name: string;
  readonly letter: string;
  /** Western year of the era's year 0. */
  readonly base: number;
  readonly firstDay: IsoDate;
}

/** Newest first. First days: 改元 of 1912, 1926, 1989 and 2019; 明治 counts from 1868. */
const ERAS: readonly Era[] = [
  { name: '令和', letter: 'R', base: 2018, firstDay: '2019-05-01' },
  { name: '平成', letter: 'H', base: 1988, firstDay: '1989-01-08' },
  { name: '昭和', letter: 'S', base: 1925, firstDay: '1926-12-25' },
  { name: '大正', letter: 'T', base: 1911, firstDay: '1912-07-30' },
  { name: '明治', letter: 'M', base: 1867, firstDay: '1868-01-25' },
];

const ERA = '(?:(令和?|平成?|昭和?|大正?|明治?|[RHSTM])\\.?)';
const WITH_MARKS = new RegExp(`^${ERA}?(元|\\d{1,4})(?:年|[-/.])(\\d{1,2})(?:月|[-/.])(\\d{1,2})日?$`, 'i');
const WITHOUT_MARKS = new RegExp(`^(?:${ERA}(\\d{2})|(\\d{4}))(\\d{2})(\\d{2})$`, 'i');
const WEEKDAY = /\((?:日|月|火|水|木|金|土)(?:曜日?)?\)/;
const TIME = /(?:[T ]\s*|(?<=日))(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?Z?$/;
const SERIAL = /^\d{5}(?:\.\d+)?$/;
/** 1954-01-01 and 2100-12-31 as Excel counts days; other five-digit numbers are no dates. */
const FIRST_SERIAL = 19_725;
const LAST_SERIAL = 73_415;
const LAST_YEAR = 2100;

interface Parts {
  readonly era: Era | null;
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/**
 * A day as people and exports write it: 2022-10-31, 2022/10/31, 2022.10.31, 20221031, 2022年10月31日, 令和4年10月31日,
 * 令和元年5月1日, R4.10.31, R04/10/31, R041031, ㋿4.10.31, in any width; with a weekday or a time of day behind it; or
 * an Excel serial date. Null for days that do not exist and for anything that could mean two days.
 *
 * A day after an era's last one is taken (papers of 2018 say 平成32年); a day before an era's first one is not.
 */
export function parseDate(text: string): IsoDate | null {
  const bare = normalise(text);
  if (SERIAL.test(bare)) return fromSerial(Math.floor(Number(bare)));
  const parts = partsOf(bare);
  if (!parts || faultOf(parts) !== null) return null;
  return iso(parts);
}

/**
 * A month as people and exports write it: 2027-03, 2027/3, 202703, 2027年3月, 令和9年3月, R9.3, or a day in it as `parseDate`
 * reads one. Null for anything else.
 */
export function parseMonth(text: string): IsoMonth | null {
  const bare = normalise(text);
  const day =
    parseDate(bare) ?? parseDate(/^\d{6}$/.test(bare) ? `${bare}01` : `${bare.replace(/月$/, '')}/1`);
  return day && monthOf(day);
}

/** 令和4年10月31日; 元年 for the first year. */
export function toWareki(date: IsoDate): string {
  const [year, month, day] = date.split('-').map(Number);
  const era = ERAS.find(({ firstDay }) => date >= firstDay);
  if (!era) return `${year}年${month}月${day}日`;
  const eraYear = year - era.base;
  return `${era.name}${eraYear === 1 ? '元' : eraYear}年${month}月${day}日`;
}

/** Why `parseDate` gave null, as a sentence. */
export function explainBadDate(text: string): string {
  const bare = normalise(text);
  const parts = partsOf(bare);
  if (parts) {
    const fault = faultOf(parts);
    if (fault) return fault;
  }
  if (/^'?\d{2}[-/.年]\d{1,2}[-/.月]\d{1,2}日?$/.test(bare)) {
    return '年が2桁では西暦か和暦かを決められません。2022/10/31 または R4.10.31 のように直してください。';
  }
  return '日付として読み取れません。2022/10/31 または R4.10.31 のように直してください。';
}

function normalise(text: string): string {
  return text
    .normalize('NFKC')
    .trim()
    .replace(WEEKDAY, '')
    .replace(TIME, '')
    .replace(/[‐-―−]/g, '-')
    .replace(/\s+/g, '');
}

function partsOf(bare: string): Parts | null {
  const marked = WITH_MARKS.exec(bare);
  const [eraText, year, month, day] = marked?.slice(1) ?? unmarked(bare) ?? [];
  if (!year) return null;
  const era = eraText ? ERAS.find((each) => isWrittenAs(each, eraText))! : null;
  // Without an era the year must be a whole western one: 4.10.31 and 22/10/31 could mean anything.
  if (!era && !/^\d{4}$/.test(year)) return null;
  const eraYear = year === '元' ? 1 : Number(year);
  return { era, year: eraYear + (era?.base ?? 0), month: Number(month), day: Number(day) };
}

function unmarked(bare: string): string[] | null {
  const found = WITHOUT_MARKS.exec(bare);
  if (!found) return null;
  const [, era, eraYear, year, month, day] = found;
  return [era, eraYear ?? year, month, day];
}

function isWrittenAs(era: Era, text: string): boolean {
  return era.letter === text.toUpperCase() || era.name.startsWith(text);
}

/** What is wrong with the day, null when it exists. */
function faultOf(parts: Parts): string | null {
  const { era, year, month, day } = parts;
  if (month < 1 || month > 12) return `${month}月はありません。`;
  const lastDay = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
  if (day < 1) return `${day}日はありません。`;
  if (day > lastDay) return `${year}年${month}月は${lastDay}日までです。`;
  if (era && iso(parts) < era.firstDay) return `${era.name}は${slashed(era.firstDay)}からです。`;
  if (year < 1868 || year > LAST_YEAR) return `${year}年は扱えません(1868年から${LAST_YEAR}年まで)。`;
  return null;
}

function fromSerial(serial: number): IsoDate | null {
  if (serial < FIRST_SERIAL || serial > LAST_SERIAL) return null;
  return new Date(Date.UTC(1899, 11, 30) + serial * 86_400_000).toISOString().slice(0, 10);
}

function iso({ year, month, day }: Parts): IsoDate {
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

function slashed(date: IsoDate): string {
  return date.split('-').map(Number).join('/');
}
