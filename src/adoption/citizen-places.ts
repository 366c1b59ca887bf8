/** Which area a line of a published table is about. */
import type { TableRecord } from '../platform/tabular/table.types.js';
import { foldName, readCode, type Area, type AreaMatcher } from './area-match.js';
import type { CitizenColumn } from './citizens-layout.js';

export interface Place {
  /** Null where no area has that name. */
  readonly area: Area | null;
  /** As the file writes them. */
  readonly prefecture: string;
  readonly name: string;
}

type Line = TableRecord<CitizenColumn>;

const NATION_NAME = '全国';
/** 計, 県計, 市町村計 …: the line that adds up its prefecture. */
const SUBTOTAL = /計$/u;
const NO_CODE = /^(?:<NA>|N\/?A|-|)$/i;

/**
 * Null for lines that are about no area: kinds of municipalities (指定都市, 町村 …), totals of parts. A code that stands
 * in the line must be the area's own; where it is not, that is a problem, because one of the two is wrong.
 */
export function placeOf(line: Line, matcher: AreaMatcher): Place | null {
  if (line.has('category') && !line.has('prefecture') && !line.has('municipality')) {
    const name = line.raw('category');
    return foldName(name) === NATION_NAME ? { area: matcher.region(name), prefecture: '', name } : null;
  }
  const prefecture = line.raw('prefecture');
  const name = line.raw('municipality');
  const hasNames = line.has('prefecture') || line.has('municipality');
  const codes = codesOf(line, matcher);
  const area = hasNames
    ? named(matcher, prefecture, name)
    : codes.length === 1
      ? codes[0]!
      : hasCode(line)
        ? null
        : nation(line, matcher);
  if (hasNames && codes.length > 0 && !codes.some((candidate) => candidate.code === area?.code)) {
    line.problem('code', {
      code: 'code_mismatch',
      expected: area ? `${name || prefecture}のコード(${area.code})` : `「${prefecture}${name}」のコード`,
      fix: `このコードは${codes.map((candidate) => candidate.name).join('または')}のものです。コードか名前を直してください。`,
    });
  }
  return { area, prefecture, name: name || prefecture || area?.name || '' };
}

export function warnUnmatched(line: Line, place: Place): void {
  const column = line.has('municipality') && line.raw('municipality') !== '' ? 'municipality' : 'prefecture';
  line.warn(
    line.has(column) ? column : 'code',
    'unmatched_area',
    `「${[place.prefecture, place.name].filter(Boolean).join(' ') || line.get('code')}」に当たる自治体が見つからないため、この行は取り込みません。名前を確かめてください。`,
  );
}

function named(matcher: AreaMatcher, prefecture: string, name: string): Area | null {
  const region = foldName(prefecture);
  const part = foldName(name);
  if (region === NATION_NAME || (region === '' && part === NATION_NAME)) return matcher.region(NATION_NAME);
  if (part === '' || part === region) return matcher.region(region.replace(SUBTOTAL, ''));
  if (SUBTOTAL.test(part)) return /^(?:[都道府県]?|合|総)計$/u.test(part) ? matcher.region(prefecture) : null;
  return matcher.municipality(prefecture, name);
}

/** A table without any column of areas is about the nation. */
function nation(line: Line, matcher: AreaMatcher): Area | null {
  return line.has('code') ? null : matcher.region(NATION_NAME);
}

function hasCode(line: Line): boolean {
  return line.has('code') && !NO_CODE.test(line.get('code'));
}

function codesOf(line: Line, matcher: AreaMatcher): Area[] {
  if (!hasCode(line)) return [];
  return readCode(line.get('code')).flatMap((code) => matcher.ofCode(code) ?? []);
}
