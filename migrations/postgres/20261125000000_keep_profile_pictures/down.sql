ALTER TABLE accounts DROP COLUMN picture_copied_at;
ALTER TABLE accounts DROP COLUMN picture_path;
ALTER TABLE accounts DROP COLUMN picture_url;
