import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Chains the audit record: each row gets a number without gaps and a hash over its content and the hash before
 * (docs/decisions/audit-chain.md). Rows are chained once, right after they are committed; nothing else of them changes.
 */
export class AuditChain0000000000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SQL);
  }

  async down(): Promise<void> {
    throw new Error('facts are not undone: restore a backup instead');
  }
}

const SQL = /* sql */ `
ALTER TABLE audit_event
  ADD COLUMN seq bigint UNIQUE CHECK (seq > 0),
  ADD COLUMN hash bytea CHECK (length(hash) = 32),
  ADD CHECK ((seq IS NULL) = (hash IS NULL));
COMMENT ON COLUMN audit_event.seq IS 'place in the chain, without gaps; NULL until the row is chained';

-- What is not chained yet: empty but for the last second.
CREATE INDEX audit_event_pending ON audit_event (id) WHERE seq IS NULL;
CREATE INDEX audit_event_actor ON audit_event (actor, id);
CREATE INDEX audit_event_at ON audit_event USING brin (at);
-- Who looked at a person, where several were seen at once.
CREATE INDEX audit_event_staff ON audit_event USING gin ((details -> 'staff') jsonb_path_ops) WHERE details ? 'staff';

CREATE TABLE audit_chain (
  id uuid PRIMARY KEY,
  rows bigint NOT NULL CHECK (rows >= 0),
  head bytea NOT NULL CHECK (length(head) = 32)
);
CREATE UNIQUE INDEX audit_chain_one ON audit_chain ((true));
COMMENT ON TABLE audit_chain IS 'where the chain ends; its one row is locked by whoever lengthens it';
INSERT INTO audit_chain (id, rows, head)
  SELECT id, 0, sha256(convert_to(id::text, 'UTF8')) FROM (SELECT gen_random_uuid() AS id) AS chain;

CREATE FUNCTION chain_once() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  content audit_event := NEW;
BEGIN
  content.seq := NULL;
  content.hash := NULL;
  IF OLD.seq IS NOT NULL OR NEW.seq IS NULL OR content IS DISTINCT FROM OLD THEN
    RAISE EXCEPTION 'table audit_event is append-only: UPDATE is not allowed' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION lengthen_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.id <> OLD.id OR NEW.rows <= OLD.rows THEN
    RAISE EXCEPTION 'table audit_chain only grows' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;

DROP TRIGGER append_only ON audit_event;
CREATE TRIGGER no_delete BEFORE DELETE ON audit_event FOR EACH ROW EXECUTE FUNCTION forbid_rewrite();
CREATE TRIGGER chain_once BEFORE UPDATE ON audit_event FOR EACH ROW EXECUTE FUNCTION chain_once();
CREATE TRIGGER lengthen_only BEFORE UPDATE ON audit_chain FOR EACH ROW EXECUTE FUNCTION lengthen_only();
CREATE TRIGGER no_delete BEFORE DELETE ON audit_chain FOR EACH ROW EXECUTE FUNCTION forbid_rewrite();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON audit_chain EXECUTE FUNCTION forbid_rewrite();
`;
