import type { DataSource } from 'typeorm';
import { tableNames } from '../../support/city-files.js';

/** The record of what was seen and refused, what remembers a sign-in on its way, and signs of life of the program itself. */
const WORKING = ['audit_event', 'audit_chain', 'provider_sign_in', 'delivery_worker', 'scheduler_watch'];
/** Sums that are folded behind the back of requests; in the end they are compared with a recount. */
const FOLDED = ['roll_current', 'roll_day', 'roll_delta', 'roll_month', 'roll_unfolded'];
/** When something was used last is no change of it. */
const TOUCHES = ['last_seen_at', 'last_used_at'];

/**
 * Notes which tables change, by triggers in the trial's database: what is rolled back leaves no note, and what is
 * committed always does.
 */
export class Journal {
  private read = 0;

  constructor(private readonly db: DataSource) {}

  async start(): Promise<void> {
    const tables = (await tableNames(this.db)).filter((name) => ![...WORKING, ...FOLDED].includes(name));
    await this.db.query(
      `
      CREATE SCHEMA trial;
      CREATE TABLE trial.change (id bigserial PRIMARY KEY, changed text NOT NULL);
      CREATE FUNCTION trial.note() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - $1 = to_jsonb(NEW) - $1 THEN RETURN NULL; END IF;
        INSERT INTO trial.change (changed) VALUES (TG_TABLE_NAME);
        RETURN NULL;
      END $$;`.replaceAll('$1', `'{${TOUCHES.join(',')}}'::text[]`),
    );
    for (const table of tables) {
      await this.db.query(
        `CREATE TRIGGER trial_note AFTER INSERT OR UPDATE OR DELETE ON ${table} FOR EACH ROW EXECUTE FUNCTION trial.note()`,
      );
    }
  }

  /** Tables with a committed change since the last call. */
  async changed(): Promise<string[]> {
    const rows = await this.db.query<{ changed: string; last: number }[]>(
      'SELECT changed, max(id) AS last FROM trial.change WHERE id > $1 GROUP BY changed ORDER BY changed',
      [this.read],
    );
    this.read = Math.max(this.read, ...rows.map(({ last }) => Number(last)));
    return rows.map(({ changed }) => changed);
  }
}
