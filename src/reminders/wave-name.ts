import type { IsoDate } from '../platform/month.js';

/** What a wave is called where files are: `manager-monthly-2022-11-10`. */
export function waveName({ policy, on }: { readonly policy: string; readonly on: IsoDate }): string {
  return `${policy}-${on}`;
}
