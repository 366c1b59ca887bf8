/** Text in columns of a fixed-width font: full-width characters take two. */

export function columnsOf(text: string): number {
  let columns = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    // Of a pair of surrogates the second adds nothing.
    if (code < 0x1100) columns += 1;
    else if (code < 0xdc00 || code > 0xdfff) columns += isWide(text.codePointAt(i)!) ? 2 : 1;
  }
  return columns;
}

function isWide(code: number): boolean {
  return (
    code <= 0x115f ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd)
  );
}

/**
 * Words with the hiragana and the punctuation that belong to them: 「申請を」「ご検討ください。」. Japanese is read more
 * easily when lines end between them. Addresses and figures stay whole as well.
 */
const PHRASES =
  /\s|[おご]?[^ぁ-ゟ、。，．！？」』）)\s]*(?:(?![おご][一-龠々])[ぁ-ゟ])*[、。，．！？」』）)々ー]*/gu;
const PIECES = /[!-~]+|./gsu;

/** Breaks lines that are too long; what follows keeps their indentation, or stands under the words of a list's item. What cannot be broken is longer than asked for. */
export function wrapText(text: string, columns: number): string {
  return text
    .split('\n')
    .map((line) => (columnsOf(line) <= columns ? line : wrapLine(line, columns)))
    .join('\n');
}

function wrapLine(line: string, columns: number): string {
  const start = /^ *・?/.exec(line)![0];
  const indent = ' '.repeat(columnsOf(start));
  const lines: string[] = [];
  let current = '';
  let room = columns - indent.length;
  const put = (piece: string): void => {
    const width = columnsOf(piece);
    if (width > room && current !== '') {
      lines.push(current.trimEnd());
      current = '';
      room = columns - indent.length;
    }
    if (current === '' && piece === ' ') return;
    current += piece;
    room -= width;
  };
  for (const phrase of line.slice(start.length).match(PHRASES)!) {
    if (columnsOf(phrase) <= columns / 2) put(phrase);
    else for (const piece of phrase.match(PIECES)!) put(piece);
  }
  return start + [...lines, current].join(`\n${indent}`);
}
