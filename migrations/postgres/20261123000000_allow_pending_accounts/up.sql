-- An account may be known by its handle alone until its owner connects it (T20). Columns are explained in the step of the
-- same name for SQLite.
ALTER TABLE accounts
    ALTER COLUMN instagram_id DROP NOT NULL,
    ALTER COLUMN app_scoped_id DROP NOT NULL,
    ALTER COLUMN account_type DROP NOT NULL,
    ALTER COLUMN connected_at DROP NOT NULL,
    ADD COLUMN mistaken_for TEXT,
    DROP CONSTRAINT accounts_check,
    ADD CHECK ((token_sealed IS NULL) = (disconnected_at IS NOT NULL OR instagram_id IS NULL)),
    ADD CHECK ((instagram_id IS NULL) = (connected_at IS NULL));

CREATE UNIQUE INDEX accounts_pending ON accounts (organization_id, username)
WHERE instagram_id IS NULL AND disconnected_at IS NULL;
