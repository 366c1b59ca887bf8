/**
 * Writes dist/public: the style sheet, the web fonts and the icon, each under a name that carries the hash of its
 * content, and manifest.json that maps plain names to those. Runs after the compiler and marks the build as current.
 *
 * Fonts are cut in three, and a browser fetches only the parts a page uses:
 *   core    what the pages themselves say and what units are called; every page, preloaded
 *   common  JIS level 1: nearly every name of a person
 *   rest    everything else the typeface holds, for rare names
 * Cutting all of it takes half a minute, so results are kept under node_modules/.cache, keyed by what went in.
 * `common` and `rest` do not depend on the pages and are cut once.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const assets = join(root, 'src', 'web', 'assets');
const publicDir = join(root, 'dist', 'public');
const cacheDir = join(root, 'node_modules', '.cache', 'staff-card-tracker', 'fonts');

const WEIGHTS = [
  { weight: 400, file: '@expo-google-fonts/biz-udpgothic/400Regular/BIZUDPGothic_400Regular.ttf' },
  { weight: 700, file: '@expo-google-fonts/biz-udpgothic/700Bold/BIZUDPGothic_700Bold.ttf' },
];

if (isMainThread) await build();
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker's port has none
else parentPort.postMessage(await cutFont(workerData));

async function build() {
  mkdirSync(publicDir, { recursive: true });
  mkdirSync(cacheDir, { recursive: true });
  const manifest = {};
  const add = (name, content) => {
    const hash = createHash('sha256').update(content).digest('hex').slice(0, 12);
    const hashed = name.replace(extname(name), `.${hash}${extname(name)}`);
    const path = join(publicDir, hashed);
    if (!existsSync(path)) writeFileSync(path, content);
    manifest[name] = hashed;
    return hashed;
  };

  const core = coreCharacters();
  const common = jisLevelOne();
  // Where ranges overlap the rule that comes last wins, so the smallest part comes last.
  const parts = [
    { part: 'rest', characters: everythingBut(common), range: 'U+0-10FFFF' },
    { part: 'common', characters: common, range: unicodeRange(common) },
    { part: 'core', characters: core, range: unicodeRange(core) },
  ];
  // Both weights at once: each is work for one processor.
  const fonts = await Promise.all(
    WEIGHTS.map(async ({ weight, file }) => {
      const rules = [];
      for (const { part, characters, range } of parts) {
        const font = await cachedCut(require.resolve(file), characters);
        const hashed = add(`biz-udpgothic-${weight}-${part}.woff2`, font);
        rules.push(
          `@font-face{font-family:"BIZ UDPGothic";font-weight:${weight};font-display:swap;` +
            `src:url("${hashed}") format("woff2");unicode-range:${range}}`,
        );
      }
      return rules;
    }),
  );

  const own = readFileSync(join(assets, 'app.css'), 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\n\s*\n+/g, '\n');
  const banner = '/* Tokens: @digital-go-jp/design-tokens (MIT). Typeface: BIZ UDPGothic (OFL 1.1). */';
  add('app.css', [banner, usedTokens(own), ...fonts.flat(), own.trim(), ''].join('\n'));
  add('favicon.svg', readFileSync(join(assets, 'favicon.svg')));
  // The typeface's licence travels with it.
  add(
    'biz-udpgothic-licence.txt',
    readFileSync(require.resolve('@expo-google-fonts/biz-udpgothic/LICENSE_FONT')),
  );
  writeFileSync(join(publicDir, 'manifest.json'), JSON.stringify(manifest, null, 2) + '\n');
  removeOld(new Set([...Object.values(manifest), 'manifest.json']));

  const built = join(root, 'dist', '.built');
  writeFileSync(built, '');
  utimesSync(built, new Date(), new Date());
}

/** The design system's custom properties that the style sheet uses, and those that they use. */
function usedTokens(css) {
  const source = readFileSync(require.resolve('@digital-go-jp/design-tokens/dist/tokens.css'), 'utf8');
  const defined = new Map(
    [...source.matchAll(/(--[\w-]+):\s*([^;]+);/g)].map((match) => [match[1], match[2]]),
  );
  const own = new Set([...css.matchAll(/(--[\w-]+):/g)].map((match) => match[1]));
  const wanted = new Set();
  const want = (text) => {
    for (const [, name] of text.matchAll(/var\((--[\w-]+)/g)) {
      if (own.has(name) || wanted.has(name)) continue;
      if (!defined.has(name))
        throw new Error(`app.css uses ${name}, which is neither its own nor a design token`);
      wanted.add(name);
      want(defined.get(name));
    }
  };
  want(css);
  const lines = [...wanted].toSorted().map((name) => `  ${name}: ${defined.get(name)};`);
  return `:root {\n${lines.join('\n')}\n}`;
}

/** Latin, kana and punctuation, every character that templates and sources say, and those that name city offices. */
function coreCharacters() {
  const OFFICES =
    '市区町村県府都局部課室係班所署隊館園校院センター本支分総務企画財政税秘書広報人事管情報統計契約財産危機防災消防警防予防' +
    '市民戸籍住民保険年金国保健康福祉介護障害高齢生活保護子育て幼稚保育児童家庭青少年環境廃棄物清掃公園緑地農林水産商工' +
    '観光経済労働産業振興都市計画建築住宅土木道路河川下水道上水道企業会計出納議会選挙監査教育学校指導社会文化財図書体育' +
    '病院医療看護薬剤診療放射線検査栄養給食交通運輸港湾空港整備開発推進調整施設営繕用地庶務庁舎法務行政改革委員会東西南北中央立策規' +
    '北海道青森岩手宮城秋田山形福島茨城栃木群馬埼玉千葉東京神奈川新潟富山石川福井山梨長野岐阜静岡愛知三重滋賀京都大阪' +
    '兵庫奈良和歌山鳥取島根岡山広島山口徳島香川愛媛高知福岡佐賀長崎熊本大分宮崎鹿児島沖縄';
  let text = OFFICES;
  for (let code = 0x20; code <= 0x7e; code++) text += String.fromCharCode(code);
  for (let code = 0x3000; code <= 0x30ff; code++) text += String.fromCharCode(code);
  for (let code = 0xff01; code <= 0xff5e; code++) text += String.fromCharCode(code);
  text += '©«»±×÷–—‘’“”…※℃→←↑↓−√∞○●◎△▲□■☆★①②③④⑤⑥⑦⑧⑨㎡';
  for (const folder of ['templates', 'src']) {
    for (const path of filesBelow(join(root, folder))) {
      if (/\.(hbs|ts)$/.test(path)) text += readFileSync(path, 'utf8');
    }
  }
  return unique([...text].filter((character) => character.codePointAt(0) >= 0x20));
}

/** Everything in the first part of JIS X 0208: signs, kana and the 2,965 kanji of level 1. */
function jisLevelOne() {
  const decoder = new TextDecoder('shift_jis');
  const found = [];
  for (let lead = 0x81; lead <= 0x98; lead++) {
    for (let trail = 0x40; trail <= 0xfc; trail++) {
      const decoded = decoder.decode(Uint8Array.of(lead, trail));
      if (decoded.length === 1 && decoded !== '\ufffd') found.push(decoded);
    }
  }
  return unique(found);
}

function everythingBut(excluded) {
  const left = new Set(excluded);
  const found = [];
  for (let code = 0xa0; code < 0x30000; code++) {
    if (code >= 0xd800 && code < 0xf900) continue;
    const character = String.fromCodePoint(code);
    if (!left.has(character)) found.push(character);
  }
  return found;
}

function unique(characters) {
  return [...new Set(characters)].toSorted((a, b) => a.codePointAt(0) - b.codePointAt(0));
}

function unicodeRange(sorted) {
  const ranges = [];
  for (const character of sorted) {
    const code = character.codePointAt(0);
    const last = ranges.at(-1);
    if (last && last[1] === code - 1) last[1] = code;
    else ranges.push([code, code]);
  }
  return ranges.map(([from, to]) => `U+${hex(from)}${from === to ? '' : `-${hex(to)}`}`).join(',');
}

function hex(code) {
  return code.toString(16).toUpperCase();
}

async function cachedCut(path, characters) {
  const stat = statSync(path);
  const key = createHash('sha256')
    .update(`1|${path.slice(root.length)}|${stat.size}|${characters.join('')}`)
    .digest('hex');
  const cached = join(cacheDir, `${key}.woff2`);
  if (!existsSync(cached)) {
    const font = await new Promise((resolve, reject) => {
      const worker = new Worker(fileURLToPath(import.meta.url), {
        workerData: { path, text: characters.join('') },
      });
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    writeFileSync(cached, font);
  }
  return readFileSync(cached);
}

async function cutFont({ path, text }) {
  const { default: subsetFont } = await import('subset-font');
  return subsetFont(readFileSync(path), text, { targetFormat: 'woff2', noHinting: true });
}

function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

function removeOld(current) {
  for (const name of readdirSync(publicDir)) {
    if (!current.has(name)) rmSync(join(publicDir, name), { recursive: true });
  }
}
