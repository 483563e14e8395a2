DROP TABLE audit_heads;
DROP FUNCTION audit_heads_advance;
DROP TRIGGER audit_events_never_empty ON audit_events;
DROP TRIGGER audit_events_remain ON audit_events;
DROP INDEX audit_events_by_action;
DROP INDEX audit_events_by_actor;
DROP INDEX audit_events_unchained;
DROP INDEX audit_events_chain;
ALTER TABLE audit_events
    DROP CONSTRAINT audit_events_hash,
    DROP COLUMN peer,
    DROP COLUMN hash,
    DROP COLUMN sequence;

CREATE OR REPLACE FUNCTION audit_events_stay () RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit events are append-only';
END;
$$;
