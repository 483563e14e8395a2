-- Ids are UUIDv7 in 16 bytes; times (`…_at`) are microseconds since 1970 in UTC; hashes are SHA-256 in 32 bytes.

CREATE TABLE organizations (
    id BLOB PRIMARY KEY NOT NULL,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE users (
    id BLOB PRIMARY KEY NOT NULL,
    email TEXT NOT NULL,
    email_lower TEXT NOT NULL UNIQUE,
    email_verified_at INTEGER,
    password_hash TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE memberships (
    organization_id BLOB NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'member', 'viewer')),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (organization_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX memberships_by_user ON memberships (user_id);

CREATE TABLE sessions (
    token_hash BLOB PRIMARY KEY NOT NULL,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    organization_id BLOB NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE password_resets (
    token_hash BLOB PRIMARY KEY NOT NULL,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX password_resets_by_user ON password_resets (user_id);

CREATE TABLE subscriptions (
    organization_id BLOB PRIMARY KEY NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    state TEXT NOT NULL CHECK (state IN ('free', 'active', 'lapsed')),
    -- The first instant at which an active subscription no longer holds; NULL is open-ended.
    ends_at INTEGER,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE links (
    id BLOB PRIMARY KEY NOT NULL,
    organization_id BLOB NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    created_by BLOB NOT NULL REFERENCES users (id),
    description TEXT NOT NULL,
    token_hash BLOB NOT NULL UNIQUE,
    -- The same token sealed under a key of its own, so that a member can copy the URL again.
    token_sealed BLOB NOT NULL,
    uses INTEGER NOT NULL DEFAULT 0,
    last_used_at INTEGER,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER,
    revoked_by BLOB REFERENCES users (id)
) STRICT, WITHOUT ROWID;

CREATE INDEX links_newest ON links (organization_id, created_at DESC, id DESC) WHERE revoked_at IS NULL;

CREATE TABLE accounts (
    id BLOB PRIMARY KEY NOT NULL,
    organization_id BLOB NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    -- Instagram's id of the professional account: what an account is known by, whatever it calls itself.
    instagram_id TEXT NOT NULL,
    -- The id Instagram gives the same account towards our app alone; its callbacks use this one.
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

CREATE INDEX accounts_newest ON accounts (organization_id, created_at DESC, id DESC) WHERE disconnected_at IS NULL;

CREATE TABLE attempts (
    id BLOB PRIMARY KEY NOT NULL,
    link_id BLOB NOT NULL REFERENCES links (id) ON DELETE CASCADE,
    state_hash BLOB NOT NULL UNIQUE,
    binding_hash BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    claimed_at INTEGER,
    finished_at INTEGER,
    outcome TEXT,
    -- What the outcome is about, for the client's page: a handle, never a secret.
    detail TEXT,
    account_id BLOB REFERENCES accounts (id) ON DELETE SET NULL,
    CHECK ((finished_at IS NULL) = (outcome IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX attempts_unfinished ON attempts (claimed_at) WHERE finished_at IS NULL;
CREATE INDEX attempts_by_link ON attempts (link_id);

-- Append-only: what happened, written in the transaction that made it happen.
CREATE TABLE audit_events (
    id BLOB PRIMARY KEY NOT NULL,
    organization_id BLOB NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX audit_events_newest ON audit_events (organization_id, at DESC, id DESC);

CREATE TRIGGER audit_events_stay BEFORE UPDATE ON audit_events
BEGIN
    SELECT RAISE (ABORT, 'audit events are append-only');
END;

-- One known value sealed under each key ever used: a wrong or missing key is noticed at start, before it does harm.
CREATE TABLE key_checks (
    key_id TEXT PRIMARY KEY NOT NULL,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
