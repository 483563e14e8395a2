-- What clients see of an organization beside its name. The key is the random name of the logo in its address; another
-- logo has another one. The time is part of where it is kept: the last change, a removal included.
ALTER TABLE organizations ADD COLUMN logo_key TEXT;
ALTER TABLE organizations ADD COLUMN logo_width INTEGER;
ALTER TABLE organizations ADD COLUMN logo_set_at INTEGER;
-- Like #c2410c.
ALTER TABLE organizations ADD COLUMN accent TEXT;
-- An email address, or a URL that begins with https.
ALTER TABLE organizations ADD COLUMN support TEXT;

CREATE UNIQUE INDEX organizations_by_logo ON organizations (logo_key) WHERE logo_key IS NOT NULL;

-- Deleting an organization takes its rows along. Without these each of its links and accounts would be looked for
-- among those of everybody.
CREATE INDEX accounts_by_link ON accounts (connected_through) WHERE connected_through IS NOT NULL;
CREATE INDEX links_by_account ON links (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX attempts_by_account ON attempts (account_id) WHERE account_id IS NOT NULL;

-- What cleans up after an organization outlives it. SQLite changes a column only by making the table anew; no other one
-- refers to this one.
CREATE TABLE jobs_anew (
    id BLOB PRIMARY KEY NOT NULL,
    -- Whose work it is; NULL where it is nobody's any more.
    organization_id BLOB REFERENCES organizations (id) ON DELETE CASCADE,
    -- What it is about, where that is an account that may go.
    account_id BLOB REFERENCES accounts (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    -- JSON; ids and numbers, never a secret.
    payload TEXT NOT NULL,
    -- Of jobs with the same key only one waits.
    dedup_key TEXT NOT NULL,
    -- While somebody works on it: when the lease ends.
    due_at INTEGER NOT NULL,
    -- How often it was taken. Who took it earlier cannot finish it any more.
    attempt INTEGER NOT NULL DEFAULT 0,
    -- How often it was taken since it last went well.
    failures INTEGER NOT NULL DEFAULT 0,
    last_error TEXT,
    -- Set when it is given up; somebody has to look at it.
    dead_at INTEGER,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO jobs_anew (
    id, organization_id, account_id, kind, payload, dedup_key, due_at, attempt, failures, last_error, dead_at, created_at
)
SELECT
    id, organization_id, account_id, kind, payload, dedup_key, due_at, attempt, failures, last_error, dead_at, created_at
FROM jobs;

DROP TABLE jobs;
ALTER TABLE jobs_anew RENAME TO jobs;

CREATE INDEX jobs_due ON jobs (due_at) WHERE dead_at IS NULL;
CREATE INDEX jobs_by_account ON jobs (account_id);
CREATE UNIQUE INDEX jobs_once ON jobs (dedup_key) WHERE dead_at IS NULL;
