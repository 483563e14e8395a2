-- Invitations of people into an organization. One that was used or taken back stays for a while: its URL says so.
CREATE TABLE invitations (
    id BYTEA PRIMARY KEY NOT NULL,
    organization_id BYTEA NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    email TEXT NOT NULL,
    email_lower TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'member', 'viewer')),
    invited_by BYTEA REFERENCES users (id) ON DELETE SET NULL,
    token_hash BYTEA NOT NULL UNIQUE,
    -- The same token sealed under a key of its own, for the mail that is written later. Erased once it is of no use.
    token_sealed BYTEA,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    accepted_at BIGINT,
    accepted_by BYTEA REFERENCES users (id) ON DELETE SET NULL,
    revoked_at BIGINT,
    CHECK (accepted_at IS NULL OR revoked_at IS NULL),
    CHECK ((token_sealed IS NULL) = (accepted_at IS NOT NULL OR revoked_at IS NOT NULL))
);

-- An address is invited to an organization once at a time.
CREATE UNIQUE INDEX invitations_open ON invitations (organization_id, email_lower)
WHERE accepted_at IS NULL AND revoked_at IS NULL;

-- Removing a member ends their sessions in the organization, and nobody else's.
CREATE INDEX sessions_by_organization ON sessions (organization_id, user_id);
