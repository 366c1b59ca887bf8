const DAY = 86_400_000;

export const addDays = (iso, days) => new Date(Date.parse(iso) + days * DAY).toISOString().slice(0, 10);
export const daysBetween = (from, to) => Math.round((Date.parse(to) - Date.parse(from)) / DAY);
export const monthEnd = (month) => {
  const [year, number] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number, 0)).toISOString().slice(0, 10);
};
export const fullWidth = (text) =>
  text.replace(/[!-~]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0));

const ERAS = [
  { from: '2019-05-01', name: '令和', letter: 'R', before: 2018 },
  { from: '1989-01-08', name: '平成', letter: 'H', before: 1988 },
  { from: '1926-12-25', name: '昭和', letter: 'S', before: 1925 },
];

/** The spellings of a day that are met in exports of city halls. */
export const DATE_STYLES = {
  slashes: (y, m, d) => `${y}/${pad(m)}/${pad(d)}`,
  shortSlashes: (y, m, d) => `${y}/${m}/${d}`,
  iso: (y, m, d) => `${y}-${pad(m)}-${pad(d)}`,
  kanji: (y, m, d) => `${y}年${m}月${d}日`,
  wareki: (y, m, d, era) => `${era.name}${era.year === 1 ? '元' : era.year}年${m}月${d}日`,
  letter: (y, m, d, era) => `${era.letter}${era.year}.${m}.${d}`,
  wide: (y, m, d) => fullWidth(`${y}/${m}/${d}`),
  wideWareki: (y, m, d, era) =>
    `${era.name}${era.year === 1 ? '元' : fullWidth(String(era.year))}年${fullWidth(String(m))}月${fullWidth(String(d))}日`,
};

export function spell(iso, style) {
  const [y, m, d] = iso.split('-').map(Number);
  const era = ERAS.find((era) => iso >= era.from);
  return DATE_STYLES[style](y, m, d, { ...era, year: y - era.before });
}

const pad = (number) => String(number).padStart(2, '0');
