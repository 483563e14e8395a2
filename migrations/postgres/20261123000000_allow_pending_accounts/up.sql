-- An account may be known by its handle alone until its owner connects it (T20), and it may outlive its token (T25).
-- Columns are explained in the step of the same name for SQLite.
ALTER TABLE accounts
    ALTER COLUMN instagram_id DROP NOT NULL,
    ALTER COLUMN app_scoped_id DROP NOT NULL,
    ALTER COLUMN account_type DROP NOT NULL,
    ALTER COLUMN connected_at DROP NOT NULL,
    ADD COLUMN mistaken_for TEXT,
    ADD COLUMN died_at BIGINT,
    ADD COLUMN death TEXT,
    DROP CONSTRAINT accounts_check,
    ADD CONSTRAINT accounts_known CHECK ((instagram_id IS NULL) = (connected_at IS NULL)),
    ADD CONSTRAINT accounts_death CHECK ((died_at IS NULL) = (death IS NULL)),
    ADD CONSTRAINT accounts_token CHECK (
        (token_sealed IS NULL) = (instagram_id IS NULL OR disconnected_at IS NOT NULL OR died_at IS NOT NULL)
    );

CREATE UNIQUE INDEX accounts_pending ON accounts (organization_id, username)
WHERE instagram_id IS NULL AND disconnected_at IS NULL;
