/**
 * The rooms of docs/decisions/0001-rooms.md and what each may import. Data flows one way:
 * roster → ledger → adoption → (reminders | reports); platform and access lie under all; doors are on top.
 */
const ROOMS = {
  platform: [],
  access: ['platform'],
  roster: ['platform', 'access'],
  ledger: ['platform', 'access', 'roster'],
  adoption: ['platform', 'access', 'roster', 'ledger'],
  reminders: ['platform', 'access', 'roster', 'ledger', 'adoption'],
  reports: ['platform', 'access', 'roster', 'ledger', 'adoption'],
};
const DOORS = ['web', 'api', 'cli'];
const roomOf = (names) => `^src/(${names.join('|')})/`;

const rooms = Object.entries(ROOMS).map(([room, allowed]) => ({
  name: `${room}-imports-only-what-lies-below`,
  severity: 'error',
  from: { path: `^src/${room}/` },
  to: { path: '^(src|migrations)/', pathNot: roomOf([room, ...allowed]) },
}));
// The database room runs the explicit list of migrations.
rooms[0].to.pathNot = `${rooms[0].to.pathNot}|^migrations/index`;

const doors = DOORS.map((door) => ({
  name: `${door}-imports-no-other-door`,
  severity: 'error',
  from: { path: `^src/${door}/` },
  to: { path: roomOf(DOORS.filter((other) => other !== door)) },
}));

/** Files whose name promises arithmetic or reading only. */
const PURE =
  '(-file|/rate|/forecast|/card-status|/month|/business-calendar|/sending-times|/schedule|/individual-number|/wareki|/chart|/suppression|/published-lines)\\.ts$';

module.exports = {
  forbidden: [
    ...rooms,
    ...doors,
    {
      name: 'doors-know-no-tables',
      severity: 'error',
      from: { path: roomOf(DOORS) },
      to: { path: ['node_modules/typeorm', '\\.entity\\.ts$'] },
    },
    {
      // Help and a refused argument wait for nothing that they load.
      name: 'commands-know-services-by-type',
      severity: 'error',
      from: { path: '^src/cli/', pathNot: '^src/cli/rooms\\.ts$' },
      to: { path: '\\.(service|query|module)\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'arithmetic-is-pure',
      severity: 'error',
      from: { path: PURE },
      to: { path: ['node_modules/(typeorm|@nestjs)', '\\.(entity|service|module|query)\\.ts$'] },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'migrations-are-frozen',
      severity: 'error',
      from: { path: '^migrations/' },
      to: { path: '^src/' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
