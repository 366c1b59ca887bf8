import { describe, expect, test } from '@jest/globals';
import { MessageParts } from '../../../src/reminders/message-parts.js';
import { translateTemplate } from '../../../src/reminders/message-template.js';
import { templateKind } from '../../../src/reminders/template-kind.js';

const parts = new MessageParts();
const kind = templateKind('manager-monthly');

/** What saving a template with these lines answers, as codes. */
function codesOf(lines: string, subject = '案内のお願い'): string[] {
  const body = `{{期限}}までにお願いします。\n\n${lines}\n\n[ボタン: 開く]\n\n[大切なお知らせ]`;
  return translateTemplate(kind, parts, { subject, body }).problems.map(({ code }) => code);
}

/** Templates that press people, threaten, rank, name, ask after them or give them away. */
const REFUSED: [lines: string, code: string][] = [
  // Pressing, in every way to type it.
  ['カードの取得は職員の義務です。', 'pressing'],
  ['カードの取得は職員の義　務です。', 'pressing'],
  ['カードの取得は職員の「義」「務」です。', 'pressing'],
  ['カードの取得は職員の義・務です。', 'pressing'],
  ['カードの取得は職員の**義**務です。', 'pressing'],
  ['カードの取得は職員の義\n務です。', 'pressing'],
  ['取得は職員の義\n\n務です。', 'pressing'],
  ['■ 取得は職員の義\n\n・務です。', 'pressing'],
  ['取得は公務員のｷﾞﾑです。', 'pressing'],
  ['取得は公務員のキ゛ムです。', 'pressing'],
  ['期限までに必ず申請してください。', 'pressing'],
  ['期限までに必…ず申請してください。', 'pressing'],
  ['期限までにかならず申請してください。', 'pressing'],
  ['期限までにカ ナ ラ ズ申請してください。', 'pressing'],
  ['期限までに⼀度、必\ufe00ず申請してください。', 'pressing'],
  ['取得は必須です。', 'pressing'],
  ['全職員が取得しなければなりません。', 'pressing'],
  ['全職員が取得しないといけません。', 'pressing'],
  ['公務員なら取得するべきです。', 'pressing'],
  ['公務員が持つのは当然です。', 'pressing'],
  ['期限を厳守のうえ、至急申請してください。', 'pressing'],
  ['全員が期限までに取得すること。', 'pressing'],
  ['市長の命令です。', 'pressing'],
  ['持っていないのは、あなただけです。', 'pressing'],
  ['残りの一人があなたです。最後の一人です。', 'pressing'],
  ['ほかの職員は全員持っています。', 'pressing'],
  ['未だに申請しないのは怠慢です。', 'pressing'],
  ['市職員として恥ずかしい率です。', 'pressing'],
  // Threatening.
  ['取得の有無は人事評価に反映します。', 'detriment'],
  ['取得の有無は人 事 評 価に反映します。', 'detriment'],
  ['申請しない場合は、昇任に影響します。', 'detriment'],
  ['回答しない場合は、処分の対象になります。', 'detriment'],
  ['回答しない場合は、不利益を受けることがあります。', 'detriment'],
  ['ボーナスの査定で考慮します。', 'detriment'],
  // Chasing people one by one.
  ['まだ申請していない職員に個別に声をかけてください。', 'chasing'],
  ['一人ひとりに確認してください。', 'chasing'],
  ['申請しない理由を報告してください。', 'chasing'],
  ['申請しない理由を聞いてください。面談の必要はありません。', 'chasing'],
  ['未申請の職員に督促してください。', 'chasing'],
  ['ご家族の取得状況もお知らせください。', 'chasing'],
  // Ranking.
  ['{{所属名}}は全庁でワースト3です。', 'ranking'],
  ['{{所属名}}は全庁で最下位でした。', 'ranking'],
  ['{{所属名}}は現在、全庁で４２位です。', 'ranking'],
  ['所属別ランキングを掲示します。', 'ranking'],
  ['目標未達の所属です。', 'ranking'],
  // Naming people.
  ['見本さんがまだ申請していません。', 'naming'],
  ['見本 花子さんに声をかけてください。', 'naming'],
  ['山田課長はまだ持っていません。', 'naming'],
  ['未取得者の一覧を提出してください。', 'naming'],
  ['持っていない職員の氏名をお知らせください。', 'naming'],
  ['誰が持っていないかを調べてください。', 'naming'],
  ['未回答者は朝礼で名指ししてください。', 'naming'],
  // Giving others away, or asking for what nobody may collect.
  ['隣の市民課は54.3%です。', 'leaking'],
  ['隣の市民課は５４．３％です。', 'leaking'],
  ['隣の市民課は8割が持っています。', 'leaking'],
  ['{{所属名}}で残り3人です。', 'leaking'],
  ['三人がまだ申請していません。', 'leaking'],
  ['「回答しない」を選んだ職員がいます。', 'leaking'],
  ['職員番号0012345の方は申請してください。', 'leaking'],
  ['個人番号 1234-5678-9018 の方へ。', 'individual_number'],
  ['個人番号 １２３４ ５６７８ ９０１８ の方へ。', 'individual_number'],
  ['マイナンバーを返信してください。', 'secret'],
  ['カードの写しを添付してください。', 'secret'],
  ['{{#もし 率を載せる}}\nよい率です。\n{{/もし}}\n{{所属名}}は{{保有率}}です。', 'unguarded_name'],
  // A second way out of the message.
  ['https://example.com/ を開いてください。', 'own_link'],
  ['www.example.jp をご覧ください。', 'own_link'],
  ['ｅｘａｍｐｌｅ．ｊｐをご覧ください。', 'own_link'],
  ['jinji＠example.jp に回答してください。', 'own_link'],
];

/** The same in gentler words, or typed in yet another way. */
const ALSO_REFUSED: [lines: string, code: string][] = [
  ['取得は職員の必ら\u3000ずする務めです。', 'pressing'],
  ['取得は公務員のギ\u3164ムです。', 'pressing'],
  ['期限までに取得してください。', 'pressing'],
  ['速やかに取得願います。', 'pressing'],
  ['部下に取得させてください。', 'pressing'],
  ['一人残らず、是が非でもお願いします。', 'pressing'],
  ['期限までに申請するのが社会人としての常識です。', 'pressing'],
  ['取得しないと困るのはご自身です。', 'pressing'],
  ['任意とはいえ、申請をお願いします。', 'pressing'],
  ['下のお知らせは形式的なものです。', 'pressing'],
  ['残っているのは{{所属名}}だけになりました。', 'pressing'],
  ['取得状況は、評価の対象になります。', 'detriment'],
  ['取得状況は、来年度の配属の参考にします。', 'detriment'],
  ['給与に影響することがあります。', 'detriment'],
  ['回答がない場合は、上司から連絡します。', 'chasing'],
  ['回答のない方については、部長に報告します。', 'chasing'],
  ['期限を過ぎた場合は、催告を行います。', 'chasing'],
  ['申請していない方は、その理由をお聞かせください。', 'chasing'],
  ['なぜ申請しないのか、お答えください。', 'chasing'],
  ['取ったカードを所属長に提示してください。', 'chasing'],
  ['ご家族の分もご報告ください。', 'chasing'],
  ['未取得者の名簿を提出してください(返信不要)。', 'naming'],
  ['取得していない職員をリストアップしてください。', 'naming'],
  ['取得していない職員は、庁内の掲示板で公表します。', 'naming'],
  ['誰がまだ申請していないか、分かるようにしてください。', 'naming'],
  ['タナカさんはまだ申請していません。', 'naming'],
  ['田中様は、まだ申請していません。', 'naming'],
  ['所属別の取得率は、庁内に公表します。', 'ranking'],
  ['取得率の高い所属を表彰します。', 'ranking'],
  ['{{所属名}}は、全庁で下から3番目です。', 'ranking'],
  ['隣の課に比べて遅れています。', 'ranking'],
  ['ほとんどの職員がすでに取得しています。', 'leaking'],
  ['3名の方が、例外を申請しています。', 'leaking'],
  ['例外の申請をした職員がいます。', 'leaking'],
  ['職員番号 1 2 3 4 5 の方へ。', 'leaking'],
  ['暗証番号をお聞かせください。', 'secret'],
  ['カードの表面の画像を送ってください。', 'secret'],
  ['card.example.tokyo を開いてください。', 'own_link'],
  ['192.0.2.1 を開いてください。', 'own_link'],
  ['[こちら](//card.example/x)', 'own_link'],
  ['javascript:alert(1)', 'own_link'],
  ['![](data:image/gif;base64,R0lGODlhAQABAAAAACw=)', 'own_link'],
];

const ACCEPTED: string[] = [
  '取得も、取得状況の回答も任意です。',
  '申請をご検討ください。',
  '朝礼などの場で、全員に同じようにお伝えください(1分ほど)。',
  '一人ひとりに確認する必要はありません。',
  '誰が持っているかを尋ねたり、理由を聞いたりする必要はありません。',
  '個別に声をかけることはしないでください。',
  'このメールに氏名は載せていません。',
  '氏名を報告する必要はありません。',
  '取得や回答の有無によって、不利益な取扱いをすることはありません。',
  'お持ちでない方は、庁舎1階の特設会場でも申請できます。',
  '必要なものは、本人確認書類と写真です。',
  '必ずしも写真を撮り直す必要はありません。',
  '申請から受け取りまで、1か月ほどかかります。',
  'カードの有効期限は、発行から10回目の誕生日です。',
  '会場は11月17日(木)、18日(金)の12時から13時までです。',
  '職員の皆さんと、ご家族の申請にも使える会場です。',
  '分からないことは、人事課にお尋ねください。',
  '団体の目標は{{目標}}、{{基準日}}時点の状況は次の表のとおりです。',
  '上位の所属と全職員の率を、参考に載せています。',
  '庁舎の出入りや出勤の記録にも、カードを使えるようになります。',
  '個人番号を書いたり送ったりしないでください。',
  'ご案内は、係の打ち合わせなど、都合のよい場でお願いします。',
  '目標は100%ですが、取得するかどうかはご本人が決めます。',
  'たくさんの申請をいただき、ありがとうございます。',
  '優先順位はお任せします。',
  'カードの申請をお願いします。取得は任意となっています。',
  '評定に影響することはありません。異動に関係なく、どの所属の方も申請できます。',
  '申請していない方も、人事課から申請書を受け取れます。',
  '回答していない方は、人事課にご連絡いただくか、下のボタンを押してください。',
  '理由をお聞きすることはありません。',
  '続ける事情がある方は、お申し出ください。',
  '会場の地図は、庁内の掲示板にあります。',
  '所属ごとのページを公開しました。',
  '所属を比べたり、競ったりするためのものではありません。',
  '誰が持っているか分からない形で数えています。',
  '申請書(shinsei.pdf)は、庁内の共有フォルダーにあります。',
  'TEL: 内線2345、Wi-Fiのある会議室です。',
  '多くの方が、5分ほどで申請を終えています。',
  'お客さまにも、スタッフさんにもご案内しています。',
  '葛\u{e0100}城市の窓口でも申請できます。',
  '皆様は、まだ寒い日が続きますのでご自愛ください。',
  'ご家族の分も、一緒に申請できます。',
  '未申請の方は、人事課へお知らせいただければ、申請書をお渡しします。',
  'お問い合わせには、人事課から速やかに回答します。',
  '手数料の半分が戻ることはなく、初めから無料です。',
];

describe('a template is refused that', () => {
  test.each([...REFUSED, ...ALSO_REFUSED])('says: %s', (lines, code) =>
    expect(codesOf(lines)).toContain(code),
  );
});

test.each(['【義務】お知らせ', '必ず{{期限の月日}}まで', 'ワースト所属の皆さんへ', '残り5人です'])(
  'so is the subject %s',
  (subject) => expect(codesOf('お願いします。', subject)).toHaveLength(1),
);

test.each(['=?utf-8?B?57695YuZ?=', '＝？utf-8?B?57695YuZ?=', '案内\ud800', '案内\u202eの'])(
  'so is a subject that reads otherwise than it looks: %j',
  (subject) => expect(codesOf('お願いします。', subject)).toHaveLength(1),
);

test('so is the label of a button', () => {
  const body = '{{期限}}までに\n\n[ボタン: 必ず開く]\n\n[大切なお知らせ]';
  expect(translateTemplate(kind, parts, { subject: 'お願い', body }).problems).toMatchObject([
    { code: 'pressing', part: 'body', line: 3 },
  ]);
});

describe('a template is accepted that', () => {
  test.each(ACCEPTED)('says: %s', (lines) => expect(codesOf(lines)).toEqual([]));
});

test('however long and odd a text is, it is judged at once', () => {
  const started = performance.now();
  for (const piece of ['a', 'a-', 'a.', '-', '1.', '一', '取得していない方', 'ご家族に', '理由', '誰が'])
    codesOf(piece.repeat(9_800 / piece.length));
  // Each of them took up to half a second where every character was tried as the beginning of an address or a number.
  expect(performance.now() - started).toBeLessThan(4_000);
});

test('what was found is named, but never a number or a person', () => {
  const reasonsOf = (line: string) =>
    translateTemplate(kind, parts, { subject: 'お願い', body: line })
      .problems.map(({ reason }) => reason)
      .join();
  expect(reasonsOf('カードは義 務です。')).toContain('「義務」');
  expect(reasonsOf('見本 花子さんは0012345番です。1234 5678 9018')).not.toMatch(/見本|花子|0012345|9018/);
});
