import Handlebars from 'handlebars';
import { DateTime } from 'luxon';
import { formatCount, formatDate } from '../platform/japanese-format.js';
import { ZONE, type IsoDate } from '../platform/month.js';

/** What page templates may call. Verbs, so that no name in the data is ever taken for one of them. */
export const TEMPLATE_HELPERS = {
  formatCount,
  formatDate,
  formatDayOfYear,
  some: (...values: unknown[]) => values.some(Boolean),
  icon: (name: string) =>
    new Handlebars.SafeString(`<svg class="ico" aria-hidden="true"><use href="#i-${name}"/></svg>`),
};

/** An ISO instant → `2022年11月10日 14:32` in Tokyo. */
export function formatMoment(instant: string): string {
  return DateTime.fromISO(instant, { zone: ZONE }).toFormat("yyyy'年'M'月'd'日' HH:mm");
}

/** `2022-10-03` → `10月3日` */
export function formatDayOfYear(date: IsoDate): string {
  return formatDate(date).replace(/^\d+年/, '');
}
