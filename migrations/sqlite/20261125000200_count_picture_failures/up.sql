-- How often the picture of a post failed to come. Those that failed less often are copied first, so that one that never
-- comes holds up no other.
ALTER TABLE posts ADD COLUMN picture_failures INTEGER NOT NULL DEFAULT 0;
