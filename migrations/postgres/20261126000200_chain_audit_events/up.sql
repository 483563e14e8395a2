-- Each organization's entries become a chain. Columns are explained in the step of the same name for SQLite.
ALTER TABLE audit_events
    ADD COLUMN sequence BIGINT,
    ADD COLUMN hash BYTEA,
    ADD COLUMN peer TEXT,
    ADD CONSTRAINT audit_events_hash CHECK (
        (sequence IS NULL) = (hash IS NULL) AND (hash IS NULL OR length(hash) = 32)
    );

CREATE UNIQUE INDEX audit_events_chain ON audit_events (organization_id, sequence) WHERE sequence IS NOT NULL;
CREATE INDEX audit_events_unchained ON audit_events (organization_id) WHERE sequence IS NULL;
CREATE INDEX audit_events_by_actor ON audit_events (organization_id, actor, at DESC, id DESC);
CREATE INDEX audit_events_by_action ON audit_events (organization_id, action, at DESC, id DESC);

-- Where each chain ends. Whoever adds an entry holds this row until the commit, as the last of all rows.
CREATE TABLE audit_heads (
    organization_id BYTEA PRIMARY KEY NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    sequence BIGINT NOT NULL,
    hash BYTEA NOT NULL CHECK (length(hash) = 32)
);

-- Nothing that was written changes any more, and it goes only with its organization: a foreign key's cascade comes after
-- the organization's row is gone. The one exception: an entry without a number is taken into the chain, as it is.
CREATE OR REPLACE FUNCTION audit_events_stay () RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.sequence IS NULL AND NEW.sequence IS NOT NULL
            AND ROW (NEW.id, NEW.organization_id, NEW.at, NEW.actor, NEW.action, NEW.subject, NEW.detail, NEW.peer)
                IS NOT DISTINCT FROM
                ROW (OLD.id, OLD.organization_id, OLD.at, OLD.actor, OLD.action, OLD.subject, OLD.detail, OLD.peer)
        THEN
            RETURN NEW;
        END IF;
    ELSIF TG_OP = 'DELETE' THEN
        IF NOT EXISTS (SELECT 1 FROM organizations WHERE id = OLD.organization_id) THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'audit events are append-only';
END;
$$;

CREATE TRIGGER audit_events_remain BEFORE DELETE ON audit_events
FOR EACH ROW EXECUTE FUNCTION audit_events_stay ();

CREATE TRIGGER audit_events_never_empty BEFORE TRUNCATE ON audit_events
FOR EACH STATEMENT EXECUTE FUNCTION audit_events_stay ();

CREATE FUNCTION audit_heads_advance () RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.organization_id = OLD.organization_id AND NEW.sequence > OLD.sequence THEN
            RETURN NEW;
        END IF;
    ELSIF NOT EXISTS (SELECT 1 FROM organizations WHERE id = OLD.organization_id) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'audit events are append-only';
END;
$$;

CREATE TRIGGER audit_heads_advance BEFORE UPDATE OR DELETE ON audit_heads
FOR EACH ROW EXECUTE FUNCTION audit_heads_advance ();
