/** The figures the demo city has to come out at; make-demo-data.mjs recounts them from the written files. */
export const MONTHS = [
  { month: '2021-11', held: 2168, staff: 3280 },
  { month: '2021-12', held: 2207, staff: 3280 },
  { month: '2022-01', held: 2247, staff: 3280 },
  { month: '2022-02', held: 2289, staff: 3280 },
  { month: '2022-03', held: 2329, staff: 3280 },
  { month: '2022-04', held: 2371, staff: 3280 },
  { month: '2022-05', held: 2446, staff: 3301 },
  { month: '2022-06', held: 2503, staff: 3302 },
  { month: '2022-07', held: 2556, staff: 3302 },
  { month: '2022-08', held: 2613, staff: 3303 },
  { month: '2022-09', held: 2666, staff: 3303 },
  { month: '2022-10', held: 2706, staff: 3300 },
];

/** Those without a card on 2022-10-31, by status. */
export const REMAINING = { applied: 132, not_applied: 298, undisclosed: 41, unanswered: 118, lapsed: 5 };
export const EXCEPTIONS = 24;
export const WITHOUT_MAIL = 215;

/**
 * Staff and holders of each body on 2022-10-31 and on 2022-09-30. Who left and who came on 1 October is given by
 * the status each of them has.
 */
export const BODIES = [
  { name: '都市政策局', staff: 70, held: 67, before: [68, 65], joined: ['held', 'not_applied'] },
  { name: '総務局', staff: 135, held: 121, before: [135, 120] },
  { name: 'こども未来局', staff: 330, held: 262, before: [330, 257] },
  { name: '文化スポーツ局', staff: 75, held: 69, before: [75, 68] },
  { name: '経済局', staff: 85, held: 75, before: [85, 74] },
  { name: '農林水産局', staff: 80, held: 68, before: [80, 69], left: ['held'], joined: ['not_applied'] },
  { name: '市民局', staff: 160, held: 140, before: [159, 137], joined: ['held'] },
  { name: '福祉健康局', staff: 310, held: 254, before: [310, 250] },
  { name: '環境局', staff: 190, held: 149, before: [190, 147] },
  { name: '都市整備局', staff: 140, held: 118, before: [140, 117] },
  { name: '土木局', staff: 175, held: 145, before: [175, 143] },
  { name: '危機管理課', staff: 16, held: 15, before: [16, 15] },
  { name: '会計課・行政委員会事務局', staff: 14, held: 11, before: [14, 11] },
  { name: '議会事務局', staff: 20, held: 18, before: [20, 18] },
  {
    name: '教育委員会事務局',
    staff: 360,
    held: 283,
    before: [362, 278],
    left: ['held', 'held'],
    newlyAnswered: 2,
  },
  {
    name: '消防局',
    staff: 440,
    held: 352,
    before: [442, 346],
    left: ['held', 'not_applied'],
    newlyAnswered: 2,
  },
  { name: '市立病院', staff: 420, held: 327, before: [422, 323], left: ['held', 'held'], newlyAnswered: 2 },
  { name: '企業局', staff: 280, held: 232, before: [280, 228] },
].map((body) => ({ left: [], joined: [], newlyAnswered: 0, ...body }));

/** 保育幼稚園課, the unit shown in the handbook: holders and staff at each month end, and who remains. */
export const SHOWN_UNIT = {
  name: '保育幼稚園課',
  held: [17, 17, 18, 18, 19, 20, 20, 21, 21, 22, 22, 23],
  staff: [27, 27, 27, 27, 27, 28, 28, 28, 28, 28, 28, 28],
  remaining: { applied: 2, not_applied: 1, undisclosed: 1, unanswered: 1, lapsed: 0 },
};

export const DAYS = {
  first: '2021-11-01',
  april: '2022-04-01',
  may: '2022-05-01',
  june: '2022-06-01',
  august: '2022-08-01',
  october: '2022-10-01',
};

/** In file order: whole rosters, and three that are complete for one subtree only. */
export const ROSTERS = [
  { file: 'meibo_r031101.csv', asOf: DAYS.first },
  { file: 'meibo_r040401.csv', asOf: DAYS.april },
  { file: 'meibo_hoiku_r040501.csv', asOf: DAYS.may, scope: '保育部' },
  { file: 'meibo_kigyo_r040601.csv', asOf: DAYS.june, scope: '企業局' },
  { file: 'meibo_byoin_r040801.csv', asOf: DAYS.august, scope: '市立病院' },
  { file: 'meibo_r041001.csv', asOf: DAYS.october },
];
