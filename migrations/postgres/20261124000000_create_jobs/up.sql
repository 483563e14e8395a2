-- Work to be done outside a request: enqueued in the transaction that makes it necessary, deleted when it is done.
CREATE TABLE jobs (
    id BYTEA PRIMARY KEY NOT NULL,
    organization_id BYTEA NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    -- What it is about, where that is an account that may go.
    account_id BYTEA REFERENCES accounts (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    -- JSON; ids and numbers, never a secret.
    payload TEXT NOT NULL,
    -- Of jobs with the same key only one waits.
    dedup_key TEXT NOT NULL,
    -- While somebody works on it: when the lease ends.
    due_at BIGINT NOT NULL,
    -- How often it was taken. Who took it earlier cannot finish it any more.
    attempt INTEGER NOT NULL DEFAULT 0,
    -- How often it was taken since it last went well.
    failures INTEGER NOT NULL DEFAULT 0,
    last_error TEXT,
    -- Set when it is given up; somebody has to look at it.
    dead_at BIGINT,
    created_at BIGINT NOT NULL
);

CREATE INDEX jobs_due ON jobs (due_at) WHERE dead_at IS NULL;
CREATE INDEX jobs_by_account ON jobs (account_id);
CREATE UNIQUE INDEX jobs_once ON jobs (dedup_key) WHERE dead_at IS NULL;
