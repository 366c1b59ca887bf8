import type { DataSource, EntityManager } from 'typeorm';

/** For facts that a test has written with plain SQL, past the services that would have derived what follows. */
export async function deriveAll(db: DataSource | EntityManager): Promise<void> {
  await db.query('SELECT derive_units(now())');
  await db.query('SELECT derive_people(ARRAY(SELECT id FROM staff), now())');
}
