DROP TRIGGER audit_heads_remain;
DROP TRIGGER audit_heads_advance;
DROP TRIGGER audit_events_remain;
DROP TRIGGER audit_events_stay;
DROP TABLE audit_heads;
DROP INDEX audit_events_by_action;
DROP INDEX audit_events_by_actor;
DROP INDEX audit_events_unchained;
DROP INDEX audit_events_chain;
ALTER TABLE audit_events DROP COLUMN peer;
ALTER TABLE audit_events DROP COLUMN hash;
ALTER TABLE audit_events DROP COLUMN sequence;

CREATE TRIGGER audit_events_stay BEFORE UPDATE ON audit_events
BEGIN
    SELECT RAISE (ABORT, 'audit events are append-only');
END;
