import { describe, expect, test } from '@jest/globals';
import { POLICIES } from '../../../src/reminders/policy.js';
import { heldBack, yearBefore, type Received } from '../../../src/reminders/reminder-limits.js';

const limits = { minGapDays: 14, maxPerYear: 6 };
const NOTHING: Received = { lastOfPolicy: null, lastPersonal: null, personalInYear: 0 };
const asked = (name: string, on: string, received: Partial<Received>) =>
  heldBack(POLICIES.find((policy) => policy.name === name)!.limits, limits, on, { ...NOTHING, ...received });

describe('a message is held back', () => {
  test('nowhere, where nothing was sent yet', () => {
    for (const { name } of POLICIES) expect([name, asked(name, '2023-03-14', {})]).toEqual([name, null]);
  });

  test('until the gap after the last personal one is over, of whatever policy', () => {
    expect(asked('staff-monthly', '2023-03-14', { lastPersonal: '2023-03-01' })).toBe('too_soon');
    expect(asked('staff-monthly', '2023-03-15', { lastPersonal: '2023-03-01' })).toBeNull();
    expect(asked('renewal', '2023-03-07', { lastPersonal: '2023-03-01' })).toBe('too_soon');
  });

  test('after the most of a year', () => {
    expect(
      asked('staff-monthly', '2023-03-14', { lastPersonal: '2023-02-14', personalInYear: 5 }),
    ).toBeNull();
    expect(asked('staff-monthly', '2023-03-14', { lastPersonal: '2023-02-14', personalInYear: 6 })).toBe(
      'enough_this_year',
    );
    expect(yearBefore('2023-03-14')).toBe('2022-03-14');
    expect(yearBefore('2024-02-29')).toBe('2023-03-01');
  });

  test('for good, where the policy speaks once', () => {
    for (const name of ['staff-start', 'renewal', 'top-message', 'exception-ending'])
      expect(asked(name, '2023-03-14', { lastOfPolicy: '2019-03-14' })).toBe('already_told');
  });

  test('for months, where it speaks again later: the business day may be an earlier day of that month', () => {
    expect(asked('escalation', '2023-03-07', { lastOfPolicy: '2023-01-11' })).toBe('already_told');
    expect(asked('escalation', '2023-04-07', { lastOfPolicy: '2023-01-11' })).toBeNull();
    expect(asked('thanks', '2023-12-01', { lastOfPolicy: '2023-01-04' })).toBe('already_told');
    expect(asked('thanks', '2024-01-04', { lastOfPolicy: '2023-01-04' })).toBeNull();
  });

  test('not where it is part of an office, goes to everybody alike, or answers what somebody asked for', () => {
    const much = { lastPersonal: '2023-03-13', personalInYear: 9 };
    for (const name of [
      'manager-monthly',
      'bureau-digest',
      'escalation',
      'thanks',
      'top-message',
      'exception-ending',
    ])
      expect([name, asked(name, '2023-03-14', much)]).toEqual([name, null]);
  });
});
