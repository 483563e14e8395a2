-- A grace becomes an end; whoever does not pay has lapsed.
UPDATE subscriptions SET
    state = CASE
        WHEN state = 'trialing' OR (state = 'past_due' AND grace_until IS NOT NULL) THEN 'active'
        ELSE 'lapsed'
    END,
    ends_at = CASE WHEN state = 'past_due' THEN LEAST(grace_until, ends_at) ELSE ends_at END
WHERE state NOT IN ('free', 'active', 'lapsed');
ALTER TABLE subscriptions
    DROP CONSTRAINT subscriptions_state_check,
    DROP COLUMN plan,
    DROP COLUMN grace_until,
    ADD CONSTRAINT subscriptions_state_check CHECK (state IN ('free', 'active', 'lapsed'));
