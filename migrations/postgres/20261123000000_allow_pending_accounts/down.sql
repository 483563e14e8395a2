DELETE FROM accounts WHERE instagram_id IS NULL OR died_at IS NOT NULL;
DROP INDEX accounts_pending;
ALTER TABLE accounts
    DROP CONSTRAINT accounts_known,
    DROP CONSTRAINT accounts_death,
    DROP CONSTRAINT accounts_token,
    DROP COLUMN mistaken_for,
    DROP COLUMN died_at,
    DROP COLUMN death,
    ALTER COLUMN instagram_id SET NOT NULL,
    ALTER COLUMN app_scoped_id SET NOT NULL,
    ALTER COLUMN account_type SET NOT NULL,
    ALTER COLUMN connected_at SET NOT NULL,
    ADD CHECK ((token_sealed IS NULL) = (disconnected_at IS NOT NULL));
