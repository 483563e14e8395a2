CREATE TABLE jobs_before (
    id BLOB PRIMARY KEY NOT NULL,
    organization_id BLOB NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    account_id BLOB REFERENCES accounts (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    dedup_key TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    last_error TEXT,
    dead_at INTEGER,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO jobs_before (
    id, organization_id, account_id, kind, payload, dedup_key, due_at, attempt, failures, last_error, dead_at, created_at
)
SELECT
    id, organization_id, account_id, kind, payload, dedup_key, due_at, attempt, failures, last_error, dead_at, created_at
FROM jobs WHERE organization_id IS NOT NULL;

DROP TABLE jobs;
ALTER TABLE jobs_before RENAME TO jobs;

CREATE INDEX jobs_due ON jobs (due_at) WHERE dead_at IS NULL;
CREATE INDEX jobs_by_account ON jobs (account_id);
CREATE UNIQUE INDEX jobs_once ON jobs (dedup_key) WHERE dead_at IS NULL;

DROP INDEX attempts_by_account;
DROP INDEX links_by_account;
DROP INDEX accounts_by_link;
DROP INDEX organizations_by_logo;
ALTER TABLE organizations DROP COLUMN support;
ALTER TABLE organizations DROP COLUMN accent;
ALTER TABLE organizations DROP COLUMN logo_set_at;
ALTER TABLE organizations DROP COLUMN logo_width;
ALTER TABLE organizations DROP COLUMN logo_key;
