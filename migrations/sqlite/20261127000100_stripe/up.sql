-- Who is whom at Stripe. Of a deleted organization the row stays until its subscriptions were ended there: nobody goes on
-- paying for what is gone.
CREATE TABLE stripe_customers (
    customer_id TEXT PRIMARY KEY NOT NULL,
    -- NULL once the organization was deleted.
    organization_id BLOB UNIQUE REFERENCES organizations (id) ON DELETE SET NULL,
    -- The subscription that decides; NULL before the first checkout.
    subscription_id TEXT,
    -- Goes up each time somebody begins to ask Stripe: who finds another number after writing asks again.
    looks INTEGER NOT NULL DEFAULT 0,
    -- When to ask without being told; NULL before the first checkout.
    look_again_at INTEGER,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX stripe_customers_due ON stripe_customers (look_again_at);

-- The webhooks that were acted on, by Stripe's names for them.
CREATE TABLE stripe_events (
    id TEXT PRIMARY KEY NOT NULL,
    received_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX stripe_events_by_time ON stripe_events (received_at);
