-- What a link is for: "connect" (any account, any number of times), "request" (the one account it is bound to, once),
-- "login" (a member's own way to Instagram, once; nobody is ever given its URL).
ALTER TABLE links ADD COLUMN purpose TEXT NOT NULL DEFAULT 'connect';
ALTER TABLE links ADD COLUMN account_id BYTEA REFERENCES accounts (id) ON DELETE SET NULL;
-- Set once the one connection it was made for is there.
ALTER TABLE links ADD COLUMN fulfilled_at BIGINT;

-- One live request for an account: whoever makes a second one has ended the first.
CREATE UNIQUE INDEX links_live_request ON links (account_id)
WHERE purpose <> 'login' AND account_id IS NOT NULL AND revoked_at IS NULL AND fulfilled_at IS NULL;
