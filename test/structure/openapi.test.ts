import { beforeAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createTestDatabase } from '../support/test-database.js';

type Schema = { $ref?: string; oneOf?: Schema[]; type?: string; format?: string; properties?: object };

interface Operation {
  readonly responses: Record<string, { content?: Record<string, { schema?: Schema }> }>;
}

interface Description {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { schemas: Record<string, Schema> };
}

/** The promise to other systems. More may be added; none of these may go. */
const PROMISED = [
  'get /api/v1/units/{code}/adoption',
  'get /api/v1/units/{code}/children',
  'get /api/v1/units/{code}/trend',
  'get /api/v1/units/{code}/remaining',
  'get /api/v1/units/{code}/changes',
  'get /api/v1/staff',
  'post /api/v1/staff/{number}/card-events',
  'post /api/v1/staff/{number}/renumber',
  'post /api/v1/imports/{kind}',
  'post /api/v1/imports/{id}/apply',
  'post /api/v1/imports/{id}/withdraw',
  'get /api/v1/exceptions',
  'post /api/v1/exceptions',
  'post /api/v1/exceptions/{id}/approve',
  'post /api/v1/exceptions/{id}/reject',
  'get /api/v1/outcomes',
  'post /api/v1/exceptions/{id}/appeal',
  'get /api/v1/policies',
  'put /api/v1/policies/{name}',
  'put /api/v1/reminder-rules',
  'post /api/v1/policies/{name}/waves',
  'post /api/v1/policies/{name}/test',
  'get /api/v1/waves/{id}',
  'post /api/v1/waves/{id}/{action}',
  'get /api/v1/waves/{id}/deliveries',
  'get /api/v1/templates',
  'get /api/v1/templates/{name}',
  'put /api/v1/templates/{name}',
  'post /api/v1/templates/{name}/preview',
  'post /api/v1/months/{month}/close',
  'get /api/v1/months/{month}/restatement',
  'get /api/v1/reports/{file}',
  'post /api/v1/months/{month}/release',
  'get /opendata/{file}',
];
/** They answer nothing at all. */
const WITHOUT_AN_ANSWER = ['put /api/v1/session/password', 'delete /api/v1/session'];

let description: Description;
let operations: [name: string, operation: Operation][];

beforeAll(async () => {
  const database = await createTestDatabase();
  try {
    const program = fileURLToPath(new URL('../support/print-openapi.mjs', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [program], {
      env: { PATH: process.env.PATH, DATABASE_URL: database.url },
      maxBuffer: 10_000_000,
    });
    description = JSON.parse(stdout) as Description;
  } finally {
    await database.drop();
  }
  operations = Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, Operation] => [
      `${method} ${path}`,
      operation,
    ]),
  );
});

describe('/api/openapi.json', () => {
  test('describes every promised route', () => {
    expect(operations.map(([name]) => name)).toEqual(expect.arrayContaining(PROMISED));
  });

  test('says of every API route what it answers', () => {
    const silent = operations
      .filter(([name]) => name.includes(' /api/v1/') && !WITHOUT_AN_ANSWER.includes(name))
      .filter(([, operation]) => !answers(operation).every(saysSomething))
      .map(([name]) => name);
    expect(silent).toEqual([]);
  });

  test('has no pages in it', () => {
    const foreign = operations.filter(([name]) => !/ \/(api\/v1|opendata)\//.test(name));
    expect(foreign.map(([name]) => name)).toEqual([]);
  });
});

/** The schemas of the answers that are no errors; `undefined` where one has none. */
function answers(operation: Operation): (Schema | undefined)[] {
  const good = Object.entries(operation.responses).filter(([status]) => status.startsWith('2'));
  return good.length === 0
    ? [undefined]
    : good.flatMap(([, { content }]) =>
        content ? Object.values(content).map(({ schema }) => schema) : [undefined],
      );
}

function saysSomething(schema: Schema | undefined): boolean {
  if (!schema) return false;
  if (schema.oneOf) return schema.oneOf.every(saysSomething);
  if (schema.$ref) {
    const named = description.components.schemas[schema.$ref.split('/').at(-1)!];
    return Object.keys(named?.properties ?? {}).length > 0;
  }
  return schema.format === 'binary';
}
