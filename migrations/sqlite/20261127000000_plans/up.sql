-- What is paid for, and the states in which a payment can be. SQLite changes a check only by making the table anew; no
-- other one refers to this one.
CREATE TABLE subscriptions_anew (
    organization_id BLOB PRIMARY KEY NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    state TEXT NOT NULL
    CHECK (state IN ('free', 'trialing', 'active', 'past_due', 'unpaid', 'canceled', 'lapsed')),
    -- The first instant at which the subscription no longer holds; NULL is open-ended.
    ends_at INTEGER,
    updated_at INTEGER NOT NULL,
    -- NULL where the operator said only that it is paid: everything is included then.
    plan TEXT CHECK (plan IN ('free', 'studio', 'agency')),
    -- After a failed payment: the first instant at which the subscription no longer holds.
    grace_until INTEGER
) STRICT, WITHOUT ROWID;

INSERT INTO subscriptions_anew (organization_id, state, ends_at, updated_at)
SELECT organization_id, state, ends_at, updated_at FROM subscriptions;

DROP TABLE subscriptions;
ALTER TABLE subscriptions_anew RENAME TO subscriptions;
