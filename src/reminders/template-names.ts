/** What the author of any message may name. */
export const EVERYWHERE = [
  { name: '団体名', path: 'city', description: '市の名前' },
  { name: '問い合わせ先', path: 'contact', description: '大切なお知らせに入るものと同じ' },
  { name: '作成日', path: 'writtenOn', description: '配信日' },
] as const;

/** Of what asks for something by a day. */
export const DEADLINE = '期限';
