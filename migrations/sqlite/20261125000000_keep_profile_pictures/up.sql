-- The profile picture. Where Instagram shows, for a while, one that is not here yet.
ALTER TABLE accounts ADD COLUMN picture_url TEXT;
-- Of the copy that is here: the path of the address it was copied from, which tells one picture from another while the
-- rest of an address changes every day, and when. Its time is part of its key and of our address of it.
ALTER TABLE accounts ADD COLUMN picture_path TEXT;
ALTER TABLE accounts ADD COLUMN picture_copied_at INTEGER;
