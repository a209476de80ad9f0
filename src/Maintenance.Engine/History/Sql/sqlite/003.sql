-- Version 3. What cumulative statistics said at a time: the difference of two is what happened between them.
CREATE TABLE snapshots (
    target TEXT NOT NULL COLLATE NOCASE,
    kind TEXT NOT NULL,
    taken_at INTEGER NOT NULL,
    stats_reset INTEGER,
    payload TEXT NOT NULL,
    PRIMARY KEY (target, kind, taken_at)
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 3;
