-- Columns are explained in the step of the same name for SQLite.
CREATE TABLE stripe_customers (
    customer_id TEXT PRIMARY KEY,
    organization_id BYTEA UNIQUE REFERENCES organizations (id) ON DELETE SET NULL,
    subscription_id TEXT,
    looks BIGINT NOT NULL DEFAULT 0,
    look_again_at BIGINT,
    created_at BIGINT NOT NULL
);

CREATE INDEX stripe_customers_due ON stripe_customers (look_again_at);

CREATE TABLE stripe_events (
    id TEXT PRIMARY KEY,
    received_at BIGINT NOT NULL
);

CREATE INDEX stripe_events_by_time ON stripe_events (received_at);
