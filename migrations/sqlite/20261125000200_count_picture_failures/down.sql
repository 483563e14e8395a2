ALTER TABLE posts DROP COLUMN picture_failures;
