import { describe, expect, test } from '@jest/globals';
import type { ImportReport } from '../../../src/platform/imports/import-report.js';
import { navigationFor } from '../../../src/web/navigation.js';
import type { ImportRecord } from '../../../src/web/views/import-record.view.js';
import { toImportPageView } from '../../../src/web/views/import.view.js';
import { toReportListView } from '../../../src/web/views/report.view.js';
import { toUnitView, type UnitInput } from '../../../src/web/views/unit.view.js';
import { toWavePageView } from '../../../src/web/views/wave.view.js';
import { adoption, counts, line, trend } from './sample-adoption.js';

describe("a manager's page of the own unit", () => {
  const input: UnitInput = {
    adoption: adoption(counts(28, 23, { applied: 2, undisclosed: 1, exempt: 1 })),
    trend: trend(28, [22, 23]),
    children: [line('管理係', counts(8, 7))],
    childTrends: [],
    path: ['こども未来局', '保育幼稚園課'],
    overallRate: 82,
    seesStatuses: false,
    asOfChoices: [],
    staff: null,
    people: null,
  };

  test('shows staff, held and remaining', () => {
    const view = toUnitView(input);
    expect(view.heading).toBe('28人中23人が保有、残り5人');
    expect(view.figure).toMatchObject({ held: 23, staff: 28, remainingText: '残り5人' });
  });

  test("shows nobody's status and no name", () => {
    const view = toUnitView(input);
    expect(view.statuses).toBeNull();
    expect(view.exempt).toBeNull();
    expect(view.staff).toBeNull();
    expect(JSON.stringify(view)).not.toMatch(/申請中|未申請|回答しない|未回答|失効/);
  });

  test('the way there is the only page in the menu', () => {
    expect(navigationFor(['manager'], 'units').map((item) => item.label)).toEqual(['自分の所属']);
    expect(navigationFor(['leader', 'manager'], null).map((item) => item.label)).toEqual([
      '全体',
      '月次締め・レポート',
      '自分の所属',
    ]);
    expect(navigationFor(['hr', 'manager'], null).map((item) => item.label)).toContain('取込');
  });
});

const TODAY = '2022-11-10';

function report(changes: Partial<ImportReport> = {}): ImportReport {
  return {
    kind: 'roster',
    dryRun: true,
    file: 'meibo.csv',
    encoding: 'CP932',
    headerRow: 4,
    rows: 1220,
    skippedRows: 4,
    columns: [],
    problems: [],
    problemCount: 0,
    warnings: [],
    joined: 45,
    left: 30,
    moved: 200,
    changed: 12,
    unchanged: 958,
    ...changes,
  };
}

function importRecord(changes: Partial<ImportRecord> = {}): ImportRecord {
  return {
    id: 7,
    kind: 'roster',
    fileNames: ['meibo.csv'],
    options: { asOf: '2022-11-01' },
    state: 'previewed',
    report: report(),
    createdAt: new Date('2022-11-10T05:00:00Z'),
    createdBy: 'hr',
    appliedAt: null,
    appliedBy: null,
    withdrawnAt: null,
    withdrawnBy: null,
    ...changes,
  };
}

const problem = (code: string, read = 'x') => ({
  row: 318,
  column: '備考',
  read,
  expected: '-',
  code,
  fix: '-',
});

describe('the preview of an import', () => {
  test('says that nothing has changed and how many people the button is about', () => {
    const view = toImportPageView(importRecord(), TODAY);
    expect(view.heading).toBe('直すところはありません。まだ何も変更していません');
    expect(view.applyLabel).toBe('1,215人の名簿を反映する');
    expect(view.blocked).toBeNull();
  });

  test('with problems the button says why it cannot be pressed', () => {
    const problems = [problem('bad_date'), problem('unknown_unit')];
    const view = toImportPageView(importRecord({ report: report({ problems, problemCount: 2 }) }), TODAY);
    expect(view.heading).toBe('2件を直すと取り込めます。まだ何も変更していません');
    expect(view.blocked).toBe('残り2件を直すと押せます');
  });

  test('a value that may be an individual number is not shown, even if a reader let it through', () => {
    const problems = [problem('individual_number', '123456789018')];
    const view = toImportPageView(importRecord({ report: report({ problems, problemCount: 1 }) }), TODAY);
    expect(JSON.stringify(view)).not.toContain('123456789018');
    expect(view.problems?.rows[0]?.read).toBe('(表示しません)');
  });

  test('many departures ask for their number at the button, not for another file', () => {
    const problems = [problem('confirm_departures')];
    const view = toImportPageView(
      importRecord({ report: report({ left: 800, problems, problemCount: 1 }) }),
      TODAY,
    );
    expect(view).toMatchObject({ confirmDepartures: 800, blocked: null, problems: null });
  });

  test('what is not listed is counted', () => {
    const view = toImportPageView(
      importRecord({ report: report({ problems: [problem('bad_date')], problemCount: 250 }) }),
      TODAY,
    );
    expect(view.problems?.more).toContain('残り249件');
  });

  test('once applied it says who did it, when, and what changed', () => {
    const view = toImportPageView(
      importRecord({
        state: 'applied',
        appliedAt: new Date('2022-11-10T05:32:00Z'),
        appliedBy: '人事課 担当者',
      }),
      TODAY,
    );
    expect(view.heading).toBe('名簿を反映しました');
    expect(view.appliedSummary).toBe('採用45人、退職30人、異動200人、変更12人、変更なし958人');
    expect(view.appliedNote).toBe('2022年11月10日 14:32、人事課 担当者');
  });
});

describe('the page of a wave', () => {
  const wave = {
    id: 3,
    policy: 'manager-monthly',
    title: '所属長への月次の案内',
    on: '2022-12-05',
    asOf: '2022-11-30',
    deadline: '2022-12-15',
    state: 'finished' as const,
    note: '',
    template: { name: 'manager-monthly', version: 1 },
    counts: {
      planned: 3000,
      queued: 0,
      sending: 1,
      sent: 2996,
      failed: 0,
      bounced: 0,
      unknown: 3,
      suppressed: 0,
    },
    considered: [],
    outside: [],
    reasons: [],
    plannedAt: '2022-12-05T00:00:00Z',
    plannedBy: 'hr',
    finishedAt: null,
  };
  const list = { deliveries: [], nextCursor: null, from: 1, filter: {} };

  test('says first what nobody knows', () => {
    expect(toWavePageView(wave, list, true).heading).toBe(
      '3,000件中2,996件を送りました、3件は届いたか分かりません',
    );
  });

  test('can be narrowed to the states there are', () => {
    const { filters } = toWavePageView(wave, list, true);
    expect(filters.map(({ label }) => label)).toEqual([
      'すべて 3,000件',
      '送信済み 2,996件',
      '不明 3件',
      '送信中 1件',
    ]);
    expect(filters[2]?.href).toBe('/waves/3?state=unknown#w-list');
  });

  test('offers HR to decide about what nobody knows, and auditors nothing', () => {
    const labels = (mayAct: boolean) => {
      const { actions, decisions } = toWavePageView({ ...wave, state: 'sending' }, list, mayAct);
      return [actions.map(({ label }) => label), decisions.map(({ label }) => label)];
    };
    expect(labels(true)).toEqual([
      ['一時停止する', '中止する'],
      ['もう一度送る', '送信済みとする'],
    ]);
    expect(labels(false)).toEqual([[], []]);
  });

  test('the bar is full only when all are done', () => {
    expect(toWavePageView(wave, list, true).percent).toBe('99.9%');
  });

  test('says whether HR has to do something about what holds it up', () => {
    const counts = { ...wave.counts, sending: 0, queued: 2, unknown: 0 };
    const noteOf = (state: 'sending' | 'paused', note: string, reason: string) => {
      const reasons = [{ state: 'queued' as const, code: reason, reason, count: 2 }];
      return toWavePageView({ ...wave, state, note, counts, reasons }, list, true).note;
    };
    expect(noteOf('sending', '', '452 4.2.2 Mailbox full')).toMatch(/^残りの2件は.*自動で送り直します。$/);
    expect(noteOf('sending', '接続できません', '接続できません')).toContain('運用の担当者に伝えて');
    expect(noteOf('paused', '接続できません', '接続できません')).toContain('再開してください');
    expect(noteOf('sending', '1日の上限です', '452 4.2.2 Mailbox full')).toBe('1日の上限です');
  });

  test('has got nowhere before anything is sent, and is not done by being called off', () => {
    const none = { ...wave.counts, sending: 0, sent: 0, unknown: 0, suppressed: 500 };
    const waiting = { ...wave, state: 'awaiting' as const, counts: { ...none, queued: 2500 } };
    const reasons = [{ state: 'suppressed' as const, code: 'cancelled', reason: '中止', count: 2500 }];
    const off = { ...wave, state: 'cancelled' as const, counts: { ...none, suppressed: 3000 }, reasons };
    for (const one of [waiting, off])
      expect(toWavePageView(one, list, true)).toMatchObject({ settled: 0, wanted: 2500, percent: '0%' });
  });
});

describe('the list of months', () => {
  const row = (released: number | null, mayRelease = true) =>
    toReportListView(
      closed.map((close) => ({ ...close, released })),
      '2022-10-30',
      mayRelease,
    ).rows.at(-1)!;
  const closed = [
    {
      month: '2022-09',
      version: 2,
      closedAt: '2022-10-04T01:00:00Z',
      closedBy: 'hr',
      staff: 10,
      held: 8,
      rate: 80,
      restated: null,
      released: null,
    },
  ];

  test('a closed month can be released as open data, and again after it was closed again', () => {
    expect(row(null)).toMatchObject({ openData: null, releaseAction: '/reports/2022-09/release' });
    expect(row(1)).toMatchObject({ releaseAction: '/reports/2022-09/release' });
    expect(row(1).openData).toMatchObject({ versionNote: '公開中は第1版' });
    expect(row(2)).toMatchObject({ releaseAction: null, openData: { versionNote: null } });
    expect(row(null, false).releaseAction).toBeNull();
  });

  test('a month can be closed from its last day on', () => {
    const { rows } = toReportListView(closed, '2022-10-30', true);
    expect(rows.map((row) => [row.month, row.closeAction])).toEqual([
      ['2022-10', null],
      ['2022-09', '/reports/2022-09/close'],
    ]);
    expect(rows[0]?.waiting).toBe('2022年10月31日から締められます');
  });

  test('who may not close sees the closed months only', () => {
    const { rows } = toReportListView(closed, '2022-10-30', false);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ month: '2022-09', closeAction: null, closed: { version: 2 } });
    expect(rows[0]?.downloads.map((download) => download.href)).toContain('/reports/2022-09.pdf');
  });
});
