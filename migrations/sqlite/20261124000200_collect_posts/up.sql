-- How the collection of an account's posts stands.
CREATE TABLE collections (
    account_id BLOB PRIMARY KEY NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- Numbers the walks through the posts; a post remembers the last one that met it.
    run INTEGER NOT NULL DEFAULT 0,
    -- "full" through all posts, "patchy" the same since some could not be read, "newest" until the first page without news;
    -- NULL between two walks.
    walk TEXT CHECK (walk IN ('full', 'patchy', 'newest')),
    -- Where the walk goes on: Instagram's cursor, which is no secret.
    cursor TEXT,
    last_success_at INTEGER,
    last_full_at INTEGER,
    due_at INTEGER NOT NULL,
    -- What went wrong last, in a word.
    trouble TEXT,
    -- Who is told by mail at the next success (T18, T19).
    tell BLOB REFERENCES users (id) ON DELETE SET NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE posts (
    id BLOB PRIMARY KEY NOT NULL,
    account_id BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    instagram_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    caption TEXT,
    permalink TEXT NOT NULL,
    posted_at INTEGER NOT NULL,
    -- Where Instagram shows the picture for a while.
    picture_url TEXT,
    -- Set once we have a copy.
    picture_copied_at INTEGER,
    met_in_run INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (account_id, instagram_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX posts_newest ON posts (account_id, posted_at DESC, id DESC);
CREATE INDEX posts_without_picture ON posts (account_id)
WHERE picture_copied_at IS NULL AND picture_url IS NOT NULL;

-- Accounts connected before there was a collection.
INSERT INTO collections (account_id, due_at)
SELECT id, connected_at FROM accounts WHERE token_sealed IS NOT NULL;
