-- Ids are UUIDv7 in 16 bytes; times (`…_at`) are microseconds since 1970 in UTC; hashes are SHA-256 in 32 bytes.

CREATE TABLE organizations (
    id BYTEA PRIMARY KEY NOT NULL,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE users (
    id BYTEA PRIMARY KEY NOT NULL,
    email TEXT NOT NULL,
    email_lower TEXT NOT NULL UNIQUE,
    email_verified_at BIGINT,
    password_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE memberships (
    organization_id BYTEA NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    user_id BYTEA NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'member', 'viewer')),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, user_id)
);

CREATE INDEX memberships_by_user ON memberships (user_id);

CREATE TABLE sessions (
    token_hash BYTEA PRIMARY KEY NOT NULL,
    user_id BYTEA NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    organization_id BYTEA NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE password_resets (
    token_hash BYTEA PRIMARY KEY NOT NULL,
    user_id BYTEA NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);

CREATE INDEX password_resets_by_user ON password_resets (user_id);

CREATE TABLE subscriptions (
    organization_id BYTEA PRIMARY KEY NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    state TEXT NOT NULL CHECK (state IN ('free', 'active', 'lapsed')),
    -- The first instant at which an active subscription no longer holds; NULL is open-ended.
    ends_at BIGINT,
    updated_at BIGINT NOT NULL
);

CREATE TABLE links (
    id BYTEA PRIMARY KEY NOT NULL,
    organization_id BYTEA NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    created_by BYTEA NOT NULL REFERENCES users (id),
    description TEXT NOT NULL,
    token_hash BYTEA NOT NULL UNIQUE,
    -- The same token sealed under a key of its own, so that a member can copy the URL again.
    token_sealed BYTEA NOT NULL,
    uses INTEGER NOT NULL DEFAULT 0,
    last_used_at BIGINT,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT,
    revoked_by BYTEA REFERENCES users (id)
);

CREATE INDEX links_newest ON links (organization_id, created_at DESC, id DESC) WHERE revoked_at IS NULL;

CREATE TABLE accounts (
    id BYTEA PRIMARY KEY NOT NULL,
    organization_id BYTEA NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    -- Instagram's id of the professional account: what an account is known by, whatever it calls itself.
    instagram_id TEXT NOT NULL,
    -- The id Instagram gives the same account towards our app alone; its callbacks use this one.
    app_scoped_id TEXT NOT NULL,
    username TEXT NOT NULL,
    display_name TEXT,
    account_type TEXT NOT NULL,
    token_sealed BYTEA,
    token_issued_at BIGINT,
    token_expires_at BIGINT,
    connected_at BIGINT NOT NULL,
    connected_through BYTEA REFERENCES links (id) ON DELETE SET NULL,
    disconnected_at BIGINT,
    created_at BIGINT NOT NULL,
    UNIQUE (organization_id, instagram_id),
    CHECK ((token_sealed IS NULL) = (disconnected_at IS NOT NULL))
);

CREATE INDEX accounts_newest ON accounts (organization_id, created_at DESC, id DESC) WHERE disconnected_at IS NULL;

CREATE TABLE attempts (
    id BYTEA PRIMARY KEY NOT NULL,
    link_id BYTEA NOT NULL REFERENCES links (id) ON DELETE CASCADE,
    state_hash BYTEA NOT NULL UNIQUE,
    binding_hash BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    claimed_at BIGINT,
    finished_at BIGINT,
    outcome TEXT,
    -- What the outcome is about, for the client's page: a handle, never a secret.
    detail TEXT,
    account_id BYTEA REFERENCES accounts (id) ON DELETE SET NULL,
    CHECK ((finished_at IS NULL) = (outcome IS NULL))
);

CREATE INDEX attempts_unfinished ON attempts (claimed_at) WHERE finished_at IS NULL;
CREATE INDEX attempts_by_link ON attempts (link_id);

-- Append-only: what happened, written in the transaction that made it happen.
CREATE TABLE audit_events (
    id BYTEA PRIMARY KEY NOT NULL,
    organization_id BYTEA NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL
);

CREATE INDEX audit_events_newest ON audit_events (organization_id, at DESC, id DESC);

CREATE FUNCTION audit_events_stay () RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit events are append-only';
END;
$$;

CREATE TRIGGER audit_events_stay BEFORE UPDATE ON audit_events
FOR EACH ROW EXECUTE FUNCTION audit_events_stay ();

-- One known value sealed under each key ever used: a wrong or missing key is noticed at start, before it does harm.
CREATE TABLE key_checks (
    key_id TEXT PRIMARY KEY NOT NULL,
    sealed BYTEA NOT NULL
);
