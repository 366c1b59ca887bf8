/**
 * What is tried first: the words of the published lists of leaked passwords that are long enough to fill twelve
 * characters in pairs, and what is at hand in a Japanese city hall. A list of whole passwords would need millions of rows
 * to say the same; these cover every pair with any digits and signs. Three words make a passphrase and are not looked at.
 */
const WORDS =
  `pass password passwd passcode admin administrator root user guest login logon welcome letmein iloveyou
  monkey dragon master shadow sunshine princess football baseball soccer superman batman starwars pokemon hello
  whatever freedom trust qwerty qwertz azerty secret changeme change default temp temporary test testing demo
  sample system server manager service support office internet computer windows microsoft google apple samsung
  company account access secure security private public oracle cisco spring summer autumn fall winter
  january february march april may june july august september october november december
  monday tuesday wednesday thursday friday saturday sunday love
  mynumber mynumbercard number card maina mainacard japan nippon nihon tokyo osaka kyoto nagoya sapporo fukuoka
  hiroshima sendai kobe yokohama kanazawa ishikawa kaga toyama fukui sakura momiji fuji fujisan ninja samurai sushi naruto goku doraemon pikachu totoro anime arigato konnichiwa ohayo sayonara aishiteru
  daisuki shiyakusho yakusho kuyakusho city hall cityhall jinji jinjika soumu soumuka shicho kacho bucho shokuin
  reiwa heisei showa taro hanako tanaka suzuki sato yamada takahashi watanabe ito nakamura kobayashi mihon`
    .split(/\s+/)
    .toSorted((a, b) => b.length - a.length);

/** Rows and columns of the keyboard, the alphabet, the digits: each forwards and backwards, three keys or more. */
const WALKS = [
  'qwertyuiop[]',
  'asdfghjkl;:',
  'zxcvbnm,./',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p',
  '1q2w3e4r5t6y7u8i9o0p',
  'qazwsxedcrfvtgbyhnujm',
  'qawsedrftgyhujikolp',
  'abcdefghijklmnopqrstuvwxyz',
  'aabbccddeeffgghhiijjkkllmm',
].flatMap((row) => [row, [...row].toReversed().join('')]);
const SHORTEST_WALK = 3;
const MOST_PIECES = 2;

/** Letters as they are commonly dressed up. */
const DISGUISES: Record<string, string> = {
  '@': 'a',
  '4': 'a',
  '0': 'o',
  '1': 'i',
  '!': 'i',
  '3': 'e',
  $: 's',
  '5': 's',
  '7': 't',
};

/** Whether the lower-case text is made of nothing but what guessing begins with. */
export function isCommonPassword(folded: string): boolean {
  if (new Set(folded).size < 5 || isRepetition(folded)) return true;
  const undisguised = [...folded].map((character) => DISGUISES[character] ?? character).join('');
  return isMadeOfPieces(folded, folded) || isMadeOfPieces(undisguised, folded);
}

/** `abcdabcdabcd`: at most a third of the text is of its own. */
function isRepetition(text: string): boolean {
  return Array.from({ length: Math.floor(text.length / 3) }, (_, n) => text.slice(0, n + 1)).some((part) =>
    part.repeat(Math.ceil(text.length / part.length)).startsWith(text),
  );
}

/** `asTyped` tells where there is a digit or a sign, which may stand anywhere and costs a guesser little. */
function isMadeOfPieces(text: string, asTyped: string): boolean {
  /** The fewest words and walks that lead to each place in the text. */
  const pieces = new Map([[0, 0]]);
  for (let at = 0; at < text.length; at++) {
    const here = pieces.get(at);
    if (here === undefined) continue;
    const reach = (end: number, count: number) => {
      if (count < (pieces.get(end) ?? Infinity)) pieces.set(end, count);
    };
    if (/[^\p{L}]/u.test(asTyped[at]!)) reach(at + 1, here);
    for (const word of WORDS) if (text.startsWith(word, at)) reach(at + word.length, here + 1);
    for (let end = at + SHORTEST_WALK; end <= text.length; end++) {
      if (!WALKS.some((walk) => walk.includes(text.slice(at, end)))) break;
      reach(end, here + 1);
    }
  }
  return (pieces.get(text.length) ?? Infinity) <= MOST_PIECES;
}
