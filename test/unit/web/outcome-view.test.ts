import { expect, test } from '@jest/globals';
import { compare, type Group } from '../../../src/reminders/outcome.js';
import { toOutcomePageView } from '../../../src/web/views/outcome.view.js';

function shown(reached: Group, others: Group) {
  const outcome = {
    policy: 'staff-monthly',
    title: '職員への月次の案内',
    templateVersion: 1,
    waveId: 7,
    from: '2022-11-10',
    to: '2022-11-10',
    waves: 1,
    sent: 2_400,
    failed: 1,
    answered: 12,
    reached,
    others,
    comparison: compare(reached, others, true),
  };
  return toOutcomePageView([outcome], 'wave').outcomes[0]!;
}

test('what came of a wave is said with counts, shares and how far they can be trusted', () => {
  const { verdict, facts } = shown({ people: 2_000, got: 500 }, { people: 400, got: 60 });
  expect(verdict).toBe(
    '案内した職員のほうが、30日以内に保有した割合が高くなりました。差は10.0ポイントです(95%信頼区間 5.7〜13.7)。',
  );
  expect(facts.map(({ term, text }) => `${term}: ${text}`)).toEqual([
    '送信済み: 2,400件(届かなかった 1件)',
    '案内した職員: 2,000人のうち、30日以内に保有 500人(25.0%、95%信頼区間 23.2〜26.9%)',
    '案内しなかった職員: 400人のうち、30日以内に保有 60人(15.0%、95%信頼区間 11.8〜18.8%)',
    '自分で回答した職員: 案内した職員のうち 12人',
  ]);
});

test('of a wave that reached nobody without a card, only what was sent', () => {
  const { verdict, facts } = shown({ people: 0, got: 0 }, { people: 400, got: 60 });
  expect(verdict).toBe('案内が届いた相手のなかに、保有を比べる職員はいませんでした。');
  expect(facts.map(({ term }) => term)).toEqual(['送信済み']);
});
