-- When the token was last renewed, and when it will be; why that failed last, in a word.
ALTER TABLE accounts ADD COLUMN renewed_at BIGINT;
ALTER TABLE accounts ADD COLUMN renewal_due_at BIGINT;
ALTER TABLE accounts ADD COLUMN renewal_trouble TEXT;
-- The smallest number of days before the end that a member was warned at.
ALTER TABLE accounts ADD COLUMN warned_days INTEGER;

-- Seven days after it was given out, as for every account connected from now on.
UPDATE accounts SET renewal_due_at = token_issued_at + 604800000000 WHERE token_issued_at IS NOT NULL;

CREATE INDEX accounts_renewal ON accounts (renewal_due_at) WHERE token_sealed IS NOT NULL;
-- Instagram's callbacks name an account by this id.
CREATE INDEX accounts_by_app_scoped_id ON accounts (app_scoped_id);
