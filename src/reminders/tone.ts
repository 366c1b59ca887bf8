/**
 * How a message may not speak. Holding the card is voluntary in law: words that press, threaten, shame, rank or name
 * people, ask for their reasons or give away what others answered have no place in it, in whatever way they are typed.
 * Limit: a list of words knows no irony; whoever means to press will find a way, and answers for it by name.
 */

export interface ToneFault {
  readonly code:
    'pressing' | 'detriment' | 'chasing' | 'ranking' | 'naming' | 'leaking' | 'own_link' | 'secret';
  /** What was found, without spaces and signs; empty where repeating it would spread it. */
  readonly words: string;
  readonly reason: string;
}

interface Rule {
  readonly code: ToneFault['code'];
  readonly pattern: RegExp;
}

/** Taken back in the same breath: 「確認する必要はありません」, and not 「確認してください(相談は不要)」. */
const NOT_ASKED =
  '(?!(?:(?!(?:くだ|下)さい|お願い|願います).){0,20}(?:必要は(?:ありません|ない|ございません)|不要|しないで|せずに|ません))';
const asked = (what: string): RegExp => new RegExp(`(?:${what})${NOT_ASKED}`, 'u');

/** On the text without any spaces and signs, so that 「義・務」 and 「必 ず」 are the same words. */
const WORDS: readonly Rule[] = [
  {
    code: 'pressing',
    pattern:
      /義務|[ギぎ][ムむ]|責務|是が非でも|ぜがひでも|何が何でも|なにがなんでも|(?:一|1|ひと)り?人?(?:残らず|も残さず)/u,
  },
  { code: 'pressing', pattern: /必ら?[ずズ](?!しも)|かならず(?!しも)|カナラズ/u },
  {
    code: 'pressing',
    pattern: /必須|[強强]制|命令|厳命|厳守|至急|直ちに|ただちに|即刻|絶対に|ぜったいに|ゼッタイニ/u,
  },
  {
    code: 'pressing',
    pattern:
      /(?:なけれ?ば|なきゃ|ねば|ないと|なくて?は|ずには?)(?:なら|なりませ|いけ|いか|だめ|ダメ|済ま|すま)/u,
  },
  { code: 'pressing', pattern: /ざるを得|[うくすつぬふむるぐぶ]べき|当然|当たり前|あたりまえ|ノルマ/u },
  {
    code: 'pressing',
    pattern: /あなただけ|貴方だけ|貴殿だけ|あなたのみ|あなたのせい|君だけ|(?:残り|最後の)(?:[一1]人|ひとり)/u,
  },
  {
    code: 'pressing',
    pattern:
      /(?:ほか|他|周り|まわり)の?(?:人|方|職員|課|所属|みんな|皆さん)?(?:は|が)(?:全員|みな|皆|みんな|すべて|全て|もう)/u,
  },
  {
    code: 'pressing',
    pattern: /みんな(?:は|が)?(?:持って|取って|取得)|残っているのは|足を引っ張|迷惑を[かけ掛]|取り残され/u,
  },
  {
    code: 'pressing',
    pattern:
      /(?:取得|申請|回答|提出)を?させ(?!て(?:いただ|頂))|取得を?(?:して|済ませて|終えて|完了して)(?:おいて)?(?:くだ|下)さい|取得を徹底|(?:速やか|すみやか)に(?:取得|申請|提出)/u,
  },
  { code: 'pressing', pattern: /(?:取得|申請|持た|取ら)し?ないと(?:困|損|不便)|示しがつ[かき]/u },
  {
    code: 'pressing',
    pattern:
      /(?:社会人|公務員|市?職員)(?:として|なら|であれば|である以上|たる).{0,8}(?:常識|務め|責任|自覚)|職員の務め/u,
  },
  {
    code: 'pressing',
    pattern:
      /建前|建て前|たてまえ|表向き|形式的|形だけ|名ばかり|任意と(?:は(?:いえ|言え|いって|言って)|書いて|言って|言いつつ|いいつつ)|お知らせは無視/u,
  },
  {
    code: 'pressing',
    pattern: /恥|怠慢|怠っ|怠け|非協力|情けな|遺憾|猛省|けしから|言い訳|許され(?:ませ|な)|意識が低/u,
  },
  {
    code: 'detriment',
    pattern:
      /人事評価|勤務評価|業績評価|人事考課|考課|査定|勤務評定|勤務成績|評価(?:に|へ|の)(?:反映|影響|関係|考慮|加味|対象|材料|参考|響)/u,
  },
  {
    code: 'detriment',
    pattern:
      /(?:昇任|昇進|昇格|昇給|賞与|ボーナス|手当|任用|契約更新|人事異動)(?:に|へ)(?:影響|関係|考慮|反映)/u,
  },
  {
    code: 'detriment',
    pattern:
      /懲戒|処罰|罰則|罰金|ペナルティ|減給|戒告|訓告|処分(?:の対象|を|し|され|と)|責任を(?:問|追)|始末書|顛末書|てん末書|理由書/u,
  },
  {
    code: 'detriment',
    pattern:
      /不利益(?!な取り?扱い(?:をすること)?は(?:ありません|ございません|いたしません|しません)|はありません)/u,
  },
  { code: 'chasing', pattern: /督促|催促|催告|追及|追求|指導の対象|呼び出し|呼出し/u },
  {
    code: 'ranking',
    pattern:
      /ワー?スト|わーすと|worst|最下位|下位|(?<!優先)順位|ランキング|らんきんぐ|ranking|ランク付け|(?<![0-9])[0-9]+位|[一二三四五六七八九十]位(?!置)|未達|下から[0-9一二三四五六七八九十]+番|(?:一番|いちばん|最も|もっとも)(?:率が)?低|に負け(?!ない|ず)|比べて?(?:も|、)?(?:遅れ|劣|低く|低い)/u,
  },
  { code: 'naming', pattern: /名指し|名ざし|見せしめ|晒し|晒す|さらし者|吊し上げ|つるし上げ|吊るし上げ/u },
];

/** On each sentence by itself, without spaces and signs. */
const SENTENCES: readonly Rule[] = [
  {
    code: 'detriment',
    pattern: asked(
      '(?:昇任|昇進|昇格|昇給|給与|給料|賞与|ボーナス|手当|任用|採用|契約|契約更新|異動|配属|処遇|待遇|評定|成績|勤務態度)(?:に|へ|の|として)(?:影響|関係(?!な)|考慮|反映|加味|参考|響|差|左右|記録)',
    ),
  },
  { code: 'pressing', pattern: /(?:取得|申請|回答|提出|報告|携帯|所持)すること$/u },
  {
    code: 'chasing',
    pattern: asked('個別に(?:確認|声|働き|連絡|面談|指導|聞)|個別の?(?:面談|指導|聴取|聞き取り|ヒアリング)'),
  },
  {
    code: 'chasing',
    pattern: asked('(?:一人|ひとり|1人)(?:一人|ひとり|1人|ずつ)(?:に|から|を)?(?:確認|聞|尋|たず|声|問|呼)'),
  },
  {
    code: 'chasing',
    pattern: asked(
      '(?:回答|取得|申請|保有|所持|協力|提出|返信|持って|取って)(?:して|が|の|を)?(?:(?:い|いただけ|いただいてい|でき)?ない|得られない)(?:場合|とき|方|人|者|職員)(?:に|は|には|について|については|は?と)?.{0,8}(?:面談|指導|指示|(?:から|が|より).{0,6}(?:連絡|電話|確認|声|聞|伺)|[長司]に報告)',
    ),
  },
  { code: 'chasing', pattern: asked('まだの(?:方|人|者|職員)(?:に|へ)は?.{0,8}(?:直接|個別|声|指示|伝え)') },
  {
    code: 'chasing',
    pattern: asked('なぜ.{0,12}ない.{0,6}(?:答え|教え|聞|報告)|事情を.{0,12}(?:申し出|報告|説明|聞か|教え)'),
  },
  {
    code: 'chasing',
    pattern: asked(
      'カードを?.{0,4}(?:上司|所属長|課長|係長|人事課|職場).{0,6}(?:見せ|提示|持参)|(?:上司|所属長|課長|係長|人事課|職場).{0,4}カードを?.{0,4}(?:見せ|提示|持参)',
    ),
  },
  {
    code: 'chasing',
    pattern: asked(
      '理由(?:を|は|の|も|について)?(?:必ず)?お?(?:報告|提出|回答|記入|説明|書|聞|尋|たず|確認|知らせ|教え|明らか|把握)',
    ),
  },
  {
    code: 'chasing',
    pattern: asked(
      '家族(?:の|全員の)(?:取得状況|保有状況|回答|状況)|家族(?:に|も|全員)も?.{0,4}(?:取得|申請|報告|確認)|(?:家族|配偶者|お子さん)の分も?.{0,4}(?:報告|回答|知らせ|提出)',
    ),
  },
  {
    code: 'naming',
    pattern: asked('(?:未|不|非)(?:取得|保有|所持|申請|回答)者の?(?:氏名|名前|一覧|名簿|リスト|名を)'),
  },
  {
    code: 'naming',
    pattern: asked(
      '(?:持って|取って|取得して|申請して|回答して)い?ない(?:人|方|者|職員)の?(?:氏名|名前|一覧|名簿|リスト|名を)',
    ),
  },
  {
    code: 'naming',
    pattern: asked(
      '(?:未(?:取得|保有|所持|申請|回答)者?|(?:持って|取って|取得して|申請して|回答して)い?ない)(?:の?(?:人|方|者|職員))?(?:を.{0,8}(?:リスト|一覧|名簿|挙げ|知らせ|報告|教え|把握|調べ|特定)|[をはが].{0,8}(?:公表|公開|掲示|張り出|貼り出))',
    ),
  },
  {
    code: 'naming',
    pattern: asked('(?:誰|だれ)が(?:まだ|未|(?:持|取)って(?:い|な)|(?:取得|申請|回答)して).{0,10}分か(?!ら)'),
  },
  {
    code: 'ranking',
    pattern: asked(
      '(?:所属|課|部署|係|個人|職員)(?:別|ごと)の?.{0,6}(?:率|状況|結果|人数|数字|一覧).{0,8}(?:公表|公開|掲示|張り出|貼り出|発表|読み上げ)|(?:所属|課|部署|係|職員)を?.{0,4}(?:表彰|競)',
    ),
  },
  {
    code: 'naming',
    pattern: asked(
      '(?:氏名|名前|個人名|実名)を(?:公表|公開|掲示|報告|張|貼|共有|読み上げ|周知|通知|お知らせ|お?伝え|挙げ|あげ)',
    ),
  },
  { code: 'naming', pattern: asked('(?:誰|だれ)が.{0,12}(?:報告|調べ|確認|教え|把握|聞|尋|たず)') },
  {
    code: 'leaking',
    pattern: asked(
      '(?:回答しない|未回答|例外|申請中).{0,6}(?:選んだ|答えた|申し出た|申請を?した|にした)(?:人|方|者|職員)',
    ),
  },
  {
    code: 'secret',
    pattern: asked(
      '(?:個人番号|マイナンバー(?!カード)|暗証番号|パスワード|カードの(?:表面|裏面|両面|写し|コピー|写真|画像|番号)).{0,8}(?:記入|返信|入力|書|提出|報告|知らせ|教え|聞か|送|添付)',
    ),
  },
];

/** On the text as it reads, in one width. */
const SPELLINGS: readonly Rule[] = [
  {
    code: 'naming',
    pattern:
      /(?<![\p{Script=Han}々])(?!皆|奥|客|患者|職員|市民|県民|国民|町民|村民|住民|担当|新人|娘|息子|業者|同僚|先輩|隣|御?両親|父|母|兄|姉|叔|赤ち)[\p{Script=Han}々]{1,5}\s*(?:さん|くん|氏(?!名))(?=[はがをにのもへとだ、。「」\s]|$)/u,
  },
  {
    code: 'naming',
    pattern:
      /[\p{Script=Han}々]{1,4}(?:主任|主査|主事|係長|課長|部長|局長|次長|参事|補佐|(?<!皆|客|者)様|(?<!皆|客|者)さま)\s*(?:だけ)?(?:は|が|も)[、\s]?(?:まだ|未|持って|取って|申請して)/u,
  },
  {
    code: 'naming',
    pattern:
      /(?<![ァ-ヶー])(?!スタッフ|ボランティア|メーカー|パパ|ママ|ドライバー|オペレーター)[ァ-ヶー]{2,6}(?:さん|くん)(?=[はがをにのもへとだ、。「」\s]|$)/u,
  },
  {
    code: 'leaking',
    pattern:
      /(?:半数|半分|過半数|大半|大多数|ほとんど|大部分)(?:以上|以下|近く|弱|強)?の?(?:職員|人|方|者|所属|課)?(?:が|は)[、\s]?.{0,4}(?:取得|持って|保有|申請を|回答を|未|まだ)/u,
  },
  { code: 'leaking', pattern: /職員番号[\s::は]{0,3}[\d\s-]{4,}/u },
  {
    code: 'leaking',
    pattern: /(?<![\d.])(?!100(?:\.0+)?\s*[%パ])\d+(?:\.\d+)?\s*(?:%|パーセント|ポイント)|\d\s*割(?![引り])/u,
  },
  {
    code: 'leaking',
    pattern:
      /(?:(?<!\d)\d+|(?<![一二三四五六七八九十])[一二三四五六七八九十]+)\s*(?:人|名)(?:の(?:方|職員|者))?\s*(?:が|は|も|だけ)?[、\s]?(?:まだ|未|例外|持って|取って|残って|回答して)|(?:残り|あと|未取得|未申請|未回答|未保有)(?:者|の職員)?は?\s*(?:\d+|[一二三四五六七八九十]+)\s*(?:人|名)/u,
  },
  { code: 'leaking', pattern: /(?<![\d-])\d{6,}(?!\d)/u },
  {
    code: 'own_link',
    pattern:
      /\/\/|\b(?:https?|ftp|mailto|javascript|data|vbscript)\s*:|\bwww\.|(?<![\w.-])[\w-]+(?:\.[\w-]+)*\.(?!(?:pdf|docx?|xlsx?|pptx?|csv|txt|jpe?g|png)\b)(?:[a-z]{2,}|xn--[\w-]+)\b|\b\d{1,3}(?:\.\d{1,3}){3}\b|(?<![\w.+-])[\w.+-]+@[\w-]+\.\w/iu,
  },
];

const REASONS: Record<ToneFault['code'], string> = {
  pressing:
    '人に強いる言葉は使えません。取得も回答も任意です。「ご検討ください」「お願いします」のように書いてください。',
  detriment: '評価や処分に結び付ける言葉は使えません。取得や回答の有無で不利益な取扱いはしません。',
  chasing: '個別の確認や、理由を尋ねることは求められません。全員に同じように案内するお願いにしてください。',
  ranking: '所属や人の順位、できていないことを並べる言葉は使えません。',
  naming: '個人を名指しする文や、氏名を集めたり広めたりするお願いは書けません。',
  leaking:
    '率や人数や番号を直接は書けません。ほかの人の回答が分かるおそれがあり、数字は毎月変わります。{{名前}}か部品を使ってください。',
  own_link:
    'リンクやメールアドレスは書けません。行き先は[ボタン: …]の1つ、問い合わせ先は[大切なお知らせ]の1つにします。',
  secret: '番号や暗証番号、カードの写しは、どの方法でも集められません。',
};

export function toneFaults(text: string): ToneFault[] {
  const wide = text.normalize('NFKC');
  const sentences = wide.split(/[。.!?]/u).map(squashed);
  return [
    ...wordFaults(text),
    ...faults(SENTENCES, sentences),
    ...faults(SPELLINGS, [wide.replace(/\p{Cf}|\p{Mn}/gu, '')]),
  ];
}

/** Single words alone, wherever a text was cut. */
export function wordFaults(text: string): ToneFault[] {
  return faults(WORDS, [squashed(text)]);
}

function faults(rules: readonly Rule[], texts: readonly string[]): ToneFault[] {
  return rules.flatMap(({ code, pattern }) => {
    const found = texts.map((text) => pattern.exec(text)?.[0]).find((match) => match !== undefined);
    if (found === undefined) return [];
    const words = code === 'leaking' || code === 'naming' || code === 'own_link' ? '' : found;
    const shown = words === '' ? '' : `「${words}」: `;
    return [{ code, words, reason: shown + REASONS[code] }];
  });
}

/** What is read, without what can be put between characters: spaces, punctuation, signs, marks, invisible characters. */
function squashed(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[\s\p{P}\p{S}\p{C}\u115f\u1160\u3164\uffa0]|(?![\u3099\u309a])\p{M}/gu, '')
    .normalize('NFC')
    .toLowerCase();
}
