-- What is paid for, and the states in which a payment can be. Columns are explained in the step of the same name for
-- SQLite.
ALTER TABLE subscriptions
    DROP CONSTRAINT subscriptions_state_check,
    ADD CONSTRAINT subscriptions_state_check
    CHECK (state IN ('free', 'trialing', 'active', 'past_due', 'unpaid', 'canceled', 'lapsed')),
    ADD COLUMN plan TEXT CHECK (plan IN ('free', 'studio', 'agency')),
    ADD COLUMN grace_until BIGINT;
