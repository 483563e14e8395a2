-- Requests of Instagram's to delete what we know of a person (its data deletion callback). They name nobody: the same
-- request is recognized by its hash.
CREATE TABLE deletions (
    code TEXT PRIMARY KEY NOT NULL,
    request_hash BLOB NOT NULL UNIQUE,
    requested_at INTEGER NOT NULL,
    completed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
