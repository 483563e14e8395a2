-- Where a session was started, for the list of a person's own sessions; unknown for those of earlier versions.
ALTER TABLE sessions ADD COLUMN user_agent TEXT;
ALTER TABLE sessions ADD COLUMN peer TEXT;

-- The address a person wants instead of theirs, until a press in the mail to it shows that it is theirs.
ALTER TABLE users ADD COLUMN pending_email TEXT;

-- Links in mails by which somebody shows that an address is theirs. Each holds for the address it went to.
CREATE TABLE email_confirmations (
    token_hash BLOB PRIMARY KEY NOT NULL,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    email_lower TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX email_confirmations_by_user ON email_confirmations (user_id);

-- The address a link for a new password was mailed to: using it shows that mail arrives there. None for those that an
-- operator passes on.
ALTER TABLE password_resets ADD COLUMN mailed_to TEXT;

-- Whom the waiting mails about a sign-in go to: the address a person had when it happened, whatever they have by now.
-- A row goes when its mail has left.
CREATE TABLE sign_in_notices (
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- What happened, by the word of the job.
    about TEXT NOT NULL,
    email TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, about, email)
) STRICT, WITHOUT ROWID;

-- Addresses for which a new password was asked for. Whether anybody has one is looked up after the answer went out, so
-- that the answer and its time say nothing about that. A row lives for a second or so.
CREATE TABLE reset_requests (
    email_lower TEXT PRIMARY KEY NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The second step of signing in: the secret that a person's app makes codes of.
CREATE TABLE two_factors (
    user_id BLOB PRIMARY KEY NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    secret_sealed BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    -- Set by the first right code. Before that it is a set-up nobody has finished, and asks for nothing.
    confirmed_at INTEGER,
    -- The step of thirty seconds of the last code that was taken: no code is taken twice.
    last_step INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE recovery_codes (
    code_hash BLOB PRIMARY KEY NOT NULL,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX recovery_codes_by_user ON recovery_codes (user_id);

-- People who have given their password and not yet their code. Opens nothing but the form for the code.
CREATE TABLE second_steps (
    token_hash BLOB PRIMARY KEY NOT NULL,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- For which they will work then.
    organization_id BLOB NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    -- When the person was told that wrong codes add up, those of other rows among them.
    told_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX second_steps_by_user ON second_steps (user_id);
