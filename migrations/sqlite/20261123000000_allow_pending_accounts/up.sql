-- An account may be known by its handle alone until its owner connects it (T20), and it may outlive its token (T25).
PRAGMA foreign_keys = OFF;
BEGIN IMMEDIATE;

CREATE TABLE accounts_anew (
    id BLOB PRIMARY KEY NOT NULL,
    organization_id BLOB NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    -- Instagram's id of the professional account: what an account is known by, whatever it calls itself. Missing while
    -- the connection is pending.
    instagram_id TEXT,
    -- The id Instagram gives the same account towards our app alone; its callbacks use this one.
    app_scoped_id TEXT,
    -- While pending: the handle that was asked for, in lower case.
    username TEXT NOT NULL,
    display_name TEXT,
    account_type TEXT,
    token_sealed BLOB,
    token_issued_at INTEGER,
    token_expires_at INTEGER,
    connected_at INTEGER,
    connected_through BLOB REFERENCES links (id) ON DELETE SET NULL,
    disconnected_at INTEGER,
    created_at INTEGER NOT NULL,
    -- The handle of another account that somebody tried to connect instead (U07).
    mistaken_for TEXT,
    -- When its token was found dead, and why; both go when it is connected again.
    died_at INTEGER,
    death TEXT,
    UNIQUE (organization_id, instagram_id),
    CHECK ((instagram_id IS NULL) = (connected_at IS NULL)),
    CHECK ((died_at IS NULL) = (death IS NULL)),
    CHECK ((token_sealed IS NULL) = (instagram_id IS NULL OR disconnected_at IS NOT NULL OR died_at IS NOT NULL))
) STRICT, WITHOUT ROWID;

INSERT INTO accounts_anew (
    id, organization_id, instagram_id, app_scoped_id, username, display_name, account_type, token_sealed,
    token_issued_at, token_expires_at, connected_at, connected_through, disconnected_at, created_at
)
SELECT
    id, organization_id, instagram_id, app_scoped_id, username, display_name, account_type, token_sealed,
    token_issued_at, token_expires_at, connected_at, connected_through, disconnected_at, created_at
FROM accounts;

DROP TABLE accounts;
ALTER TABLE accounts_anew RENAME TO accounts;

CREATE INDEX accounts_newest ON accounts (organization_id, created_at DESC, id DESC) WHERE disconnected_at IS NULL;
CREATE UNIQUE INDEX accounts_pending ON accounts (organization_id, username)
WHERE instagram_id IS NULL AND disconnected_at IS NULL;

COMMIT;
PRAGMA foreign_keys = ON;
