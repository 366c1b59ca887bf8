/** Versions of templates, and which of them was chosen when. */
import type { EntityManager } from 'typeorm';
import type { TemplateSource } from './message-template.js';
import type { TemplateText } from './template-markup.js';

export interface TemplateVersion {
  readonly id: number;
  readonly name: string;
  readonly version: number;
}

export interface TemplateChoice {
  readonly version: number;
  readonly shipped: boolean;
  readonly reason: string;
  readonly at: Date;
  readonly by: string;
}

export interface RecordedVersion extends TemplateVersion {
  /** Null where it was not yet written as one text. */
  readonly written: TemplateText | null;
  readonly recordedAt: Date;
  /** Waves that are pinned to it. */
  readonly waves: number;
}

/** Version numbers have no gaps and no doubles: one writer at a time, to the end of the transaction. */
export async function lockTemplates(em: EntityManager): Promise<void> {
  await em.query(`SELECT pg_advisory_xact_lock(hashtext('message_template'))`);
}

export async function versionOf(
  em: EntityManager,
  name: string,
  sha256: string,
): Promise<TemplateVersion | undefined> {
  const rows: TemplateVersion[] = await em.query(
    `SELECT id, name, version FROM message_template WHERE name = $1 AND sha256 = $2`,
    [name, sha256],
  );
  return rows[0];
}

/** Under the lock. */
export async function addVersion(
  em: EntityManager,
  name: string,
  sha256: string,
  source: TemplateSource,
  at: Date,
): Promise<void> {
  await em.query(
    `INSERT INTO message_template (name, version, sha256, source, recorded_at)
     SELECT $1, coalesce(max(version), 0) + 1, $2, $3, $4 FROM message_template WHERE name = $1
     ON CONFLICT (name, sha256) DO NOTHING`,
    [name, sha256, source, at],
  );
}

export async function sourceOf(em: EntityManager, id: number): Promise<TemplateSource | undefined> {
  const rows: { source: TemplateSource }[] = await em.query(
    `SELECT source FROM message_template WHERE id = $1`,
    [id],
  );
  return rows[0]?.source;
}

/** Newest first. */
export function recordedVersions(em: EntityManager, name: string): Promise<RecordedVersion[]> {
  return em.query(
    `SELECT t.id, t.name, t.version, t.source -> 'written' AS written, t.recorded_at AS "recordedAt",
            (SELECT count(*)::int FROM wave w WHERE w.template_id = t.id) AS waves
     FROM message_template t WHERE t.name = $1 ORDER BY t.version DESC`,
    [name],
  );
}

/** Newest first. */
export function choicesOf(em: EntityManager, name: string): Promise<TemplateChoice[]> {
  return em.query(
    `SELECT version, shipped, reason, recorded_at AS at, recorded_by AS by
     FROM message_template_choice WHERE name = $1 ORDER BY id DESC`,
    [name],
  );
}

/** The text of the newest choice; undefined where the text that ships is used. */
export async function chosenText(em: EntityManager, name: string): Promise<TemplateText | undefined> {
  const rows: { shipped: boolean; written: TemplateText }[] = await em.query(
    `SELECT c.shipped, t.source -> 'written' AS written
     FROM message_template_choice c JOIN message_template t USING (name, version)
     WHERE c.name = $1 ORDER BY c.id DESC LIMIT 1`,
    [name],
  );
  return rows[0]?.shipped === false ? rows[0].written : undefined;
}

export async function addChoice(em: EntityManager, name: string, choice: TemplateChoice): Promise<void> {
  await em.query(
    `INSERT INTO message_template_choice (name, version, shipped, reason, recorded_at, recorded_by)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [name, choice.version, choice.shipped, choice.reason, choice.at, choice.by],
  );
}

/** Names of staff that stand in a text without spaces. Shorter ones are words as well. */
export async function staffNamesIn(em: EntityManager, text: string): Promise<string[]> {
  const rows: { name: string }[] = await em.query(
    `SELECT DISTINCT s.name FROM (
       SELECT replace(replace(name, ' ', ''), '　', '') AS name FROM staff_profile WHERE superseded_at IS NULL
     ) s WHERE length(s.name) >= 3 AND strpos($1, s.name) > 0 LIMIT 10`,
    [text],
  );
  return rows.map(({ name }) => name);
}
