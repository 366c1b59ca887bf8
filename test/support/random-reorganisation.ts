import * as fc from 'fast-check';
import { csv } from './city-files.js';

const KINDS = ['新設', '名称変更', '移管', '統合', '統合', '分割', '異動', '廃止'] as const;

/** Numbers choose among the units there are when it comes to it, or a new one; `person` among the people. */
const change = fc.record({
  kind: fc.constantFrom(...KINDS),
  unit: fc.nat(50),
  other: fc.nat(50),
  isNew: fc.boolean(),
  person: fc.option(fc.nat(50), { freq: 2 }),
});
export type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

export const randomChanges = fc.array(change, { minLength: 1, maxLength: 3 });

/** Units to choose among, of `CityFiles.unitsOn`: those below the root, and twice those that have nobody below them. */
export function unitsToChange(lines: readonly string[]): string[] {
  const places = lines.flatMap((line) => {
    const [, parent, code] = /^(\S+) > (\S+)/.exec(line) ?? [];
    return code === undefined ? [] : [{ parent, code }];
  });
  const codes = places.map(({ code }) => code);
  return [...codes, ...codes.filter((code) => !places.some(({ parent }) => parent === code))];
}

/** A file of those changes. Some of them cannot be, and are refused as they should be. */
export function reorganisationText(
  changes: readonly Change[],
  units: readonly string[],
  numbers: readonly string[],
): string {
  return csv(
    ['区分', '所属コード', '新所属コード', '新所属名', '上位所属コード', '職員番号'],
    changes.map((each) => toRow(each, units, numbers)),
  );
}

function toRow(
  { kind, unit, other, isNew, person }: Change,
  units: readonly string[],
  numbers: readonly string[],
): (string | null)[] {
  const code = units[unit % units.length]!;
  const there = units[other % units.length]!;
  const fresh = `N${other}`;
  const target = isNew ? fresh : there;
  const called = isNew ? `見本${other}課` : null;
  const named = person === null ? null : numbers[person % numbers.length]!;
  if (kind === '新設') return [kind, null, fresh, `見本${other}課`, code, null];
  if (kind === '名称変更') return [kind, code, null, `見本${other}課`, null, null];
  if (kind === '移管') return [kind, code, null, null, there, null];
  if (kind === '統合') return [kind, code, target, called, null, null];
  if (kind === '分割') return [kind, code, target, called, null, named];
  if (kind === '異動') return [kind, null, there, null, null, named ?? numbers[0]!];
  return [kind, code, null, null, null, null];
}
