import { expect, test } from '@jest/globals';
import type { ExceptionRow } from '../../../src/ledger/exception.query.js';
import { toOwnExceptionsView } from '../../../src/web/views/exception.view.js';

const TODAY = '2022-11-10';
const at = new Date('2022-11-01T09:00:00+09:00');
const ROW: ExceptionRow = {
  id: 1,
  staffId: 1,
  number: '0001',
  name: '見本 花子',
  unitCode: '11',
  unitName: '人事課',
  category: 'other',
  from: '2022-11-01',
  to: '2022-12-31',
  askedFrom: '2022-11-01',
  askedTo: '2022-12-31',
  state: 'withdrawn',
  ended: false,
  withdrawnOn: null,
  requestedAt: at,
  requestedBy: 'self:1',
  decidedAt: at,
  decidedBy: 'jinji',
  rejectedBy: null,
  appealedAt: null,
  note: '',
  reason: '',
  appeal: '',
};
const shown = (row: Partial<ExceptionRow>) => {
  const person = { name: '見本 花子', number: '0001' };
  const [one] = toOwnExceptionsView({ person, exceptions: [{ ...ROW, ...row }] }, TODAY).requests;
  return { what: one!.what, last: one!.facts.at(-1)!.term };
};

test('an exception that HR ends on a day to come holds until then, and the person reads so', () => {
  expect(shown({ withdrawnOn: '2022-12-01' })).toEqual({
    what: '2022年11月30日まで、あなたあての案内は届きません。終わると、ふつうの案内に戻ります。',
    last: '例外でなくなる日',
  });
});

test('one that was ended is over', () => {
  expect(shown({ withdrawnOn: TODAY })).toEqual({ what: '', last: '取り下げた日' });
});

test('one that never begins keeps nothing back', () => {
  const row = { from: '2022-12-01', withdrawnOn: '2022-11-20' };
  expect(shown(row)).toEqual({ what: '', last: '取り下げた日' });
});
