/** The organisation of the little cities: two bureaus with a section each. */
export const UNIT_LINES = [
  '所属コード,所属名,上位所属コード,種別',
  '00,見本市,,市',
  '10,総務局,00,局',
  '11,人事課,10,課',
  '20,市民局,00,局',
  '21,市民課,20,課',
];
