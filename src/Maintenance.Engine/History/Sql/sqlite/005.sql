-- Version 5. What tests of backups came to, the last one for each backup and level: what has not changed since need not be read again.
CREATE TABLE verifications (
    id INTEGER PRIMARY KEY,
    target TEXT NOT NULL COLLATE NOCASE,
    store TEXT NOT NULL,
    name TEXT NOT NULL,
    etag TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    sha256 TEXT,
    last_modified INTEGER NOT NULL,
    level TEXT NOT NULL,
    scope TEXT NOT NULL,
    verdict TEXT NOT NULL,
    fault TEXT NOT NULL,
    verified_at INTEGER NOT NULL,
    details TEXT NOT NULL
) STRICT;

CREATE INDEX verifications_of_backup ON verifications (target, name, store);

CREATE INDEX verifications_newest ON verifications (target, verified_at);

PRAGMA user_version = 5;
