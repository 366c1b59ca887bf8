import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { projectRoot } from '../platform/project-root.js';
import type { Area } from './area-match.js';

/** The areas this version knows: the nation, 47 prefectures, 1,741 municipalities (made by scripts/make-areas.mjs). */
export async function readAreaList(): Promise<Area[]> {
  const text = await readFile(join(projectRoot, 'seed', 'areas.csv'), 'utf8');
  return parse(text, { columns: true, bom: true }) as Area[];
}
