DROP INDEX links_live_request;
DELETE FROM links WHERE purpose <> 'connect';
ALTER TABLE links DROP COLUMN fulfilled_at;
ALTER TABLE links DROP COLUMN account_id;
ALTER TABLE links DROP COLUMN purpose;
