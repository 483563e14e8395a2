DELETE FROM accounts WHERE instagram_id IS NULL;
DROP INDEX accounts_pending;
ALTER TABLE accounts
    DROP CONSTRAINT accounts_check,
    DROP CONSTRAINT accounts_check1,
    DROP COLUMN mistaken_for,
    ALTER COLUMN instagram_id SET NOT NULL,
    ALTER COLUMN app_scoped_id SET NOT NULL,
    ALTER COLUMN account_type SET NOT NULL,
    ALTER COLUMN connected_at SET NOT NULL,
    ADD CHECK ((token_sealed IS NULL) = (disconnected_at IS NOT NULL));
