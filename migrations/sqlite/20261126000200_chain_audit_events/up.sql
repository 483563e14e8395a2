-- Each organization's entries become a chain: numbered from 1 without a gap, each with the hash over itself and the hash
-- of the one before (src/audit/chain.rs). SQL cannot hash, and a server of the version before may go on writing entries
-- beside this one for a while: what has no number yet is taken into the chain by the server, in the order of time.
ALTER TABLE audit_events ADD COLUMN sequence INTEGER;
-- 32 bytes, SHA-256.
ALTER TABLE audit_events ADD COLUMN hash BLOB
    CHECK ((sequence IS NULL) = (hash IS NULL) AND (hash IS NULL OR length(hash) = 32));
-- The address a request came from, where there was one.
ALTER TABLE audit_events ADD COLUMN peer TEXT;

CREATE UNIQUE INDEX audit_events_chain ON audit_events (organization_id, sequence) WHERE sequence IS NOT NULL;
CREATE INDEX audit_events_unchained ON audit_events (organization_id) WHERE sequence IS NULL;
CREATE INDEX audit_events_by_actor ON audit_events (organization_id, actor, at DESC, id DESC);
CREATE INDEX audit_events_by_action ON audit_events (organization_id, action, at DESC, id DESC);

-- Where each chain ends. Whoever adds an entry holds this row until the commit, as the last of all rows.
CREATE TABLE audit_heads (
    organization_id BLOB PRIMARY KEY NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    sequence INTEGER NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT, WITHOUT ROWID;

-- Nothing that was written changes any more, and it goes only with its organization. The one exception: an entry without
-- a number is taken into the chain, as it is.
DROP TRIGGER audit_events_stay;

CREATE TRIGGER audit_events_stay BEFORE UPDATE ON audit_events
WHEN OLD.sequence IS NOT NULL
    OR NEW.sequence IS NULL
    OR NEW.id IS NOT OLD.id
    OR NEW.organization_id IS NOT OLD.organization_id
    OR NEW.at IS NOT OLD.at
    OR NEW.actor IS NOT OLD.actor
    OR NEW.action IS NOT OLD.action
    OR NEW.subject IS NOT OLD.subject
    OR NEW.detail IS NOT OLD.detail
    OR NEW.peer IS NOT OLD.peer
BEGIN
    SELECT RAISE (ABORT, 'audit events are append-only');
END;

-- A foreign key's cascade comes after the organization's row is gone.
CREATE TRIGGER audit_events_remain BEFORE DELETE ON audit_events
WHEN EXISTS (SELECT 1 FROM organizations WHERE id = OLD.organization_id)
BEGIN
    SELECT RAISE (ABORT, 'audit events are append-only');
END;

CREATE TRIGGER audit_heads_advance BEFORE UPDATE ON audit_heads
WHEN NEW.organization_id IS NOT OLD.organization_id OR NEW.sequence <= OLD.sequence
BEGIN
    SELECT RAISE (ABORT, 'audit events are append-only');
END;

CREATE TRIGGER audit_heads_remain BEFORE DELETE ON audit_heads
WHEN EXISTS (SELECT 1 FROM organizations WHERE id = OLD.organization_id)
BEGIN
    SELECT RAISE (ABORT, 'audit events are append-only');
END;
