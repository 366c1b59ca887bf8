/** Writes SVG as text. No inline style and no script, so that a strict content security policy holds. */

export type SvgAttributes = Record<string, string | number | undefined>;

/**
 * `page`: classes of app.css give the look. `standalone`: the same look as attributes, for programs that do not
 * know the stylesheet (the PDF).
 */
export type SvgLook = 'page' | 'standalone';

const FONT = { 'font-family': 'BIZ UDPGothic', 'font-size': 14 };

/** What app.css says of each class, for `standalone`. */
const LOOKS: Record<string, SvgAttributes> = {
  grid: { stroke: '#e6e6e6', 'stroke-width': 1 },
  axis: { stroke: '#666666', 'stroke-width': 1 },
  line: {
    fill: 'none',
    stroke: '#0017c1',
    'stroke-width': 3,
    'stroke-linejoin': 'round',
    'stroke-linecap': 'round',
  },
  dot: { fill: '#0017c1' },
  'goal-line': { stroke: '#1a1a1a', 'stroke-width': 2, 'stroke-dasharray': '6 4' },
  t: { ...FONT, fill: '#1a1a1a' },
  't-sub': { ...FONT, fill: '#4d4d4d' },
  't-b': { ...FONT, 'font-size': 16, 'font-weight': 700, fill: '#1a1a1a' },
  'b-on': { fill: '#0017c1' },
  'b-other': { fill: '#7f7f7f' },
  'b-track': { fill: '#e6e6e6' },
  'b-rest': { fill: 'url(#hatch)', stroke: '#7f7f7f', 'stroke-width': 1 },
  'b-tick': { stroke: '#1a1a1a', 'stroke-width': 2 },
};

/** The diagonal lines of "still to go". A page defines it once; standalone pictures carry their own. */
export const HATCH_PATTERN =
  '<pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">' +
  '<rect width="6" height="6" fill="#fff"/><path d="M0 0V6" stroke="#999" stroke-width="2"/></pattern>';

export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** One decimal is finer than any screen, and keeps the bytes the same everywhere. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** One element. `content` is markup that has been escaped already. */
export function element(name: string, attributes: SvgAttributes, content = ''): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escapeXml(String(value))}"`)
    .join('');
  return content === '' && name !== 'svg'
    ? `<${name}${written}/>`
    : `<${name}${written}>${content}</${name}>`;
}

/** A pen that knows the look: `draw('path', 'grid', { d })`, `write('t-sub', 'text', { x, y })`. */
export function pen(look: SvgLook) {
  const draw = (name: string, kind: string, attributes: SvgAttributes, content = ''): string => {
    if (look === 'standalone') return element(name, { ...LOOKS[kind], ...attributes }, content);
    return element(name, { class: kind === 't' ? undefined : kind, ...attributes }, content);
  };
  const write = (kind: 't' | 't-sub' | 't-b', text: string, attributes: SvgAttributes): string =>
    draw('text', kind, attributes, escapeXml(text));
  return { draw, write };
}
