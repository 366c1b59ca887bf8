import { TextDecoder } from 'node:util';
import { containsIndividualNumber } from '../individual-number.js';

/** Text is searched in pieces of this many characters … */
const PIECE = 1_000_000;
/** … that overlap by so many: a cell with its formatting is shorter. */
const OVERLAP = 65_536;
/** Formatting inside a text: a number may be spread over several runs. */
const RUN_TAGS =
  /<\/?(?:\w+:)?(?:r|t|rPr|rPh|phoneticPr|b|i|u|strike|sz|color|rFont|family|charset|scheme|vertAlign|latin|ea|solidFill)(?:\s[^<>]*)?\/?>/g;
/** What stands between two tags. Row numbers, styles and places on the sheet are attributes. */
const TEXT = /(?:^|>)([^<>]{2,})(?=<|$)/g;
/** Attributes that people have written: links, alternative texts, names, prompts. */
const WRITTEN =
  /\s(?:Target|descr|title|tooltip|name|displayName|author|prompt|promptTitle|error|errorTitle)="([^"]{2,})"/g;
const ENTITY = /&(?:#x([0-9a-f]{1,6})|#(\d{1,7}));/gi;
/** With a fraction or an exponent it is the result of a formula, and its digits mean nothing. */
const COMPUTED = /^-?\d+(?:\.\d+)?(?:E[-+]?\d+)?$/i;
const WHOLE = /^\d{12}$/;

/**
 * Searches the XML of one part of a workbook, as it is unpacked, for individual numbers: sheets that are not imported,
 * strings no cell shows, comments, headers, text boxes, links, properties. Memory does not grow with the part.
 */
export class XlsxPartSearch {
  private decoder: TextDecoder | null = null;
  private text = '';
  private found = false;

  push(chunk: Buffer): void {
    if (this.found) return;
    this.decoder ??= new TextDecoder(encodingOf(chunk));
    this.text += this.decoder.decode(chunk, { stream: true });
    if (this.text.length < PIECE + OVERLAP) return;
    this.search(this.text.lastIndexOf('<'));
    this.text = this.text.slice(this.text.lastIndexOf('>', this.text.length - OVERLAP));
  }

  /** Call it once, after the last chunk. */
  end(): boolean {
    this.search(this.text.length);
    return this.found;
  }

  private search(to: number): void {
    const flat = this.text.slice(0, to).replace(RUN_TAGS, '');
    for (const pattern of [TEXT, WRITTEN]) {
      for (const [, text] of flat.matchAll(pattern)) {
        if (!holdsNumber(text)) continue;
        this.found = true;
        return;
      }
    }
  }
}

function holdsNumber(text: string): boolean {
  if (COMPUTED.test(text) && !WHOLE.test(text)) return false;
  return containsIndividualNumber(text.includes('&') ? text.replace(ENTITY, character) : text);
}

function character(entity: string, hex: string | undefined, decimal: string | undefined): string {
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  return code <= 0x10ffff ? String.fromCodePoint(code) : entity;
}

/** XML without a declaration of its own is UTF-8 or begins with a byte order mark. */
function encodingOf(head: Buffer): string {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  return 'utf-8';
}
