DROP INDEX accounts_by_app_scoped_id;
DROP INDEX accounts_renewal;
ALTER TABLE accounts DROP COLUMN warned_days;
ALTER TABLE accounts DROP COLUMN renewal_trouble;
ALTER TABLE accounts DROP COLUMN renewal_due_at;
ALTER TABLE accounts DROP COLUMN renewed_at;
