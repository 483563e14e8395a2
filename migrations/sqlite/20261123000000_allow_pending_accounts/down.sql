PRAGMA foreign_keys = OFF;
BEGIN IMMEDIATE;

CREATE TABLE accounts_before (
    id BLOB PRIMARY KEY NOT NULL,
    organization_id BLOB NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    instagram_id TEXT NOT NULL,
    app_scoped_id TEXT NOT NULL,
    username TEXT NOT NULL,
    display_name TEXT,
    account_type TEXT NOT NULL,
    token_sealed BLOB,
    token_issued_at INTEGER,
    token_expires_at INTEGER,
    connected_at INTEGER NOT NULL,
    connected_through BLOB REFERENCES links (id) ON DELETE SET NULL,
    disconnected_at INTEGER,
    created_at INTEGER NOT NULL,
    UNIQUE (organization_id, instagram_id),
    CHECK ((token_sealed IS NULL) = (disconnected_at IS NOT NULL))
) STRICT, WITHOUT ROWID;

INSERT INTO accounts_before (
    id, organization_id, instagram_id, app_scoped_id, username, display_name, account_type, token_sealed,
    token_issued_at, token_expires_at, connected_at, connected_through, disconnected_at, created_at
)
SELECT
    id, organization_id, instagram_id, app_scoped_id, username, display_name, account_type, token_sealed,
    token_issued_at, token_expires_at, connected_at, connected_through, disconnected_at, created_at
FROM accounts
WHERE instagram_id IS NOT NULL AND died_at IS NULL;

DROP TABLE accounts;
ALTER TABLE accounts_before RENAME TO accounts;

CREATE INDEX accounts_newest ON accounts (organization_id, created_at DESC, id DESC) WHERE disconnected_at IS NULL;

COMMIT;
PRAGMA foreign_keys = ON;
