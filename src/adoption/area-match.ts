/**
 * Which area a published table means. Names are compared as people read them: other shapes of the same character
 * (look-alikes that PDFs leave behind, old forms), ヶ and ケ, the county in front of a town and known renamings make
 * no difference. Whatever stays without an equal is left unmatched: there is no nearest name.
 */
export type AreaKind = 'nation' | 'prefecture' | 'municipality';

export interface Area {
  /** 全国地方公共団体コード, 6 digits; `000000` is the nation. */
  readonly code: string;
  readonly kind: AreaKind;
  /** Empty for the nation. */
  readonly prefecture: string;
  readonly name: string;
}

export const NATION = '000000';

/** Old, look-alike and compatibility forms, each line: the forms, then the one they are read as. */
const FORMS = [
  ['ヶヵが', 'ケ'],
  ['の', 'ノ'],
  ['つっッ', 'ツ'],
  // CJK Radicals Supplement; NFKC resolves the Kangxi radicals but not these.
  ['⺟', '母'],
  ['⺠', '民'],
  ['⺝', '月'],
  ['⻁', '虎'],
  ['⻄', '西'],
  ['⻆', '角'],
  ['⻑', '長'],
  ['⻘靑', '青'],
  ['⻝', '食'],
  ['⻣', '骨'],
  ['⻤', '鬼'],
  ['⻥', '魚'],
  ['⻦', '鳥'],
  ['⻨麥', '麦'],
  ['⻩黃', '黄'],
  ['⻫齊斎齋', '斉'],
  ['⻭齒', '歯'],
  ['⻯龍', '竜'],
  ['⻲龜', '亀'],
  // NFKC turns Kangxi radicals into these old forms.
  ['戶户', '戸'],
  ['黑', '黒'],
  // Old and new forms of characters in names of municipalities.
  ['惠', '恵'],
  ['梼', '檮'],
  ['嶋嶌', '島'],
  ['﨑嵜', '崎'],
  ['髙', '高'],
  ['澤', '沢'],
  ['濱', '浜'],
  ['廣', '広'],
  ['國', '国'],
  ['櫻', '桜'],
  ['眞', '真'],
  ['邊邉', '辺'],
  ['冨', '富'],
  ['會', '会'],
  ['彌', '弥'],
  ['榮', '栄'],
  ['瀧', '滝'],
  ['瀨', '瀬'],
  ['豐', '豊'],
  ['關', '関'],
  ['與', '与'],
  ['藝', '芸'],
  ['壹', '壱'],
  ['礪', '砺'],
  ['淵', '渕'],
  ['湧', '涌'],
  ['𠮷', '吉'],
  ['鯵', '鰺'],
  ['鹽', '塩'],
  ['桧', '檜'],
  ['曾', '曽'],
  ['篭', '籠'],
  ['諌', '諫'],
  ['蘆', '芦'],
  ['槇', '槙'],
  ['寶寳', '宝'],
  ['條', '条'],
  ['兒', '児'],
  ['鐵', '鉄'],
  ['鷗', '鴎'],
  ['氣', '気'],
  ['圓', '円'],
  ['應', '応'],
  ['驒', '騨'],
  ['萬', '万'],
  ['鶯', '鴬'],
] as const;

const FORM_OF = new Map(FORMS.flatMap(([forms, form]) => [...forms].map((other) => [other, form] as const)));

/** Former or other names since the first published table (2016): prefecture, then, now. */
const RENAMED = [
  ['宮城県', '富谷町', '富谷市'], // 2016-10-10
  ['福岡県', '那珂川町', '那珂川市'], // 2018-10-01
  ['兵庫県', '篠山市', '丹波篠山市'], // 2019-05-01
  ['東京都', '三宅島三宅村', '三宅村'],
  ['東京都', '八丈島八丈町', '八丈町'],
  ['宮城県', '塩釜市', '塩竈市'],
] as const;

const COUNTY = /^.+?郡(?=.+[町村]$)/u;
const UNSEEN = /[\s\u{FE00}-\u{FE0F}\u{E0100}-\u{E01EF}]/gu;

/** The name with every character in the form names are compared in. Not for showing. */
export function foldName(name: string): string {
  return [...name.replace(UNSEEN, '').normalize('NFKC').replace(UNSEEN, '')]
    .map((c) => FORM_OF.get(c) ?? c)
    .join('');
}

/**
 * The six-digit codes that a cell can mean. A spreadsheet drops the leading zero (11002 for 011002), other tables leave
 * out the check digit (17201 for 172014); both are five digits. Empty where it is no code at all, `<NA>` for example.
 */
export function readCode(text: string): string[] {
  const digits = text.normalize('NFKC').trim();
  if (/^\d{6}$/.test(digits)) return isCode(digits) ? [digits] : [];
  if (!/^\d{4,5}$/.test(digits)) return [];
  const withoutCheckDigit = digits.padStart(5, '0');
  return [digits.padStart(6, '0'), withoutCheckDigit + checkDigit(withoutCheckDigit)].filter(isCode);
}

/** Weights 6, 5, 4, 3, 2 on the five digits, modulo 11; the last digit of what is missing to 11. */
function checkDigit(fiveDigits: string): string {
  let sum = 0;
  for (let i = 0; i < 5; i++) sum += (6 - i) * Number(fiveDigits[i]);
  return String((11 - (sum % 11)) % 10);
}

function isCode(sixDigits: string): boolean {
  return sixDigits === NATION || sixDigits[5] === checkDigit(sixDigits);
}

export class AreaMatcher {
  private readonly byCode = new Map<string, Area>();
  /** The nation and the prefectures, with and without 都, 府 or 県. */
  private readonly regions = new Map<string, Area>();
  /** By folded name; in most cases one, in different prefectures otherwise. */
  private readonly municipalities = new Map<string, Area[]>();

  /** Throws when two areas of one prefecture cannot be told apart: the list itself is then at fault. */
  constructor(areas: readonly Area[]) {
    for (const area of areas) {
      this.byCode.set(area.code, area);
      const name = foldName(area.name);
      if (area.kind === 'municipality') this.call(area, name);
      else this.regions.set(name, area).set(name.replace(/[都府県]$/u, ''), area);
    }
    for (const [prefecture, then, now] of RENAMED) {
      const area = this.municipality(prefecture, now);
      if (area && !this.municipality(prefecture, then)) this.call(area, foldName(then));
    }
  }

  ofCode(code: string): Area | null {
    return this.byCode.get(code) ?? null;
  }

  /** The prefecture of that name, or the nation for 全国. */
  region(name: string): Area | null {
    return this.regions.get(foldName(name)) ?? null;
  }

  /**
   * The municipality of that name in the prefecture. Without a prefecture the name must hold it (石川県金沢市) or be the
   * only one of its kind in the country, former names included.
   */
  municipality(prefecture: string, name: string): Area | null {
    let bare = foldName(name);
    let within = foldName(prefecture);
    if (within === '')
      within = [...this.regions.keys()].find((region) => isFullName(region) && bare.startsWith(region)) ?? '';
    within = foldName(this.regions.get(within)?.name ?? within);
    if (bare !== within && bare.startsWith(within)) bare = bare.slice(within.length);
    return this.only(bare, within) ?? this.only(bare.replace(COUNTY, ''), within);
  }

  private only(name: string, prefecture: string): Area | null {
    const found = (this.municipalities.get(name) ?? []).filter(
      (area) => prefecture === '' || foldName(area.prefecture) === prefecture,
    );
    return found.length === 1 ? found[0]! : null;
  }

  private call(area: Area, foldedName: string): void {
    const others = this.municipalities.get(foldedName) ?? [];
    if (others.some((other) => other.prefecture === area.prefecture)) {
      throw new Error(`${area.prefecture} has two areas called ${area.name}`);
    }
    this.municipalities.set(foldedName, [...others, area]);
  }
}

function isFullName(region: string): boolean {
  return /[都道府県]$/u.test(region);
}
