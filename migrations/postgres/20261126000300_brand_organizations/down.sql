DELETE FROM jobs WHERE organization_id IS NULL;
ALTER TABLE jobs ALTER COLUMN organization_id SET NOT NULL;

DROP INDEX attempts_by_account;
DROP INDEX links_by_account;
DROP INDEX accounts_by_link;
DROP INDEX organizations_by_logo;
ALTER TABLE organizations DROP COLUMN support;
ALTER TABLE organizations DROP COLUMN accent;
ALTER TABLE organizations DROP COLUMN logo_set_at;
ALTER TABLE organizations DROP COLUMN logo_width;
ALTER TABLE organizations DROP COLUMN logo_key;
