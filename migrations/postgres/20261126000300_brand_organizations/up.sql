-- What clients see of an organization beside its name. The key is the random name of the logo in its address; another
-- logo has another one. The time is part of where it is kept: the last change, a removal included.
ALTER TABLE organizations ADD COLUMN logo_key TEXT;
ALTER TABLE organizations ADD COLUMN logo_width INTEGER;
ALTER TABLE organizations ADD COLUMN logo_set_at BIGINT;
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

-- What cleans up after an organization outlives it; NULL where the work is nobody's any more.
ALTER TABLE jobs ALTER COLUMN organization_id DROP NOT NULL;
