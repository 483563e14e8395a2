CREATE TABLE subscriptions_before (
    organization_id BLOB PRIMARY KEY NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    state TEXT NOT NULL CHECK (state IN ('free', 'active', 'lapsed')),
    ends_at INTEGER,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A grace becomes an end; whoever does not pay has lapsed.
INSERT INTO subscriptions_before (organization_id, state, ends_at, updated_at)
SELECT
    organization_id,
    CASE
        WHEN state IN ('free', 'active', 'lapsed') THEN state
        WHEN state = 'trialing' OR (state = 'past_due' AND grace_until IS NOT NULL) THEN 'active'
        ELSE 'lapsed'
    END,
    CASE WHEN state = 'past_due' THEN MIN(grace_until, COALESCE(ends_at, grace_until)) ELSE ends_at END,
    updated_at
FROM subscriptions;

DROP TABLE subscriptions;
ALTER TABLE subscriptions_before RENAME TO subscriptions;
