-- Version 7. What was measured again and again, one row for each time, all values together and compressed: raw, then by the hour, then by the
-- day. And what was usual once: baselines to compare with.
CREATE TABLE samples (
    target TEXT NOT NULL COLLATE NOCASE,
    kind TEXT NOT NULL,
    resolution TEXT NOT NULL,
    began_at INTEGER NOT NULL,
    span INTEGER NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (target, kind, began_at, resolution)
) STRICT, WITHOUT ROWID;

CREATE TABLE baselines (
    id INTEGER PRIMARY KEY,
    target TEXT NOT NULL COLLATE NOCASE,
    measured_at INTEGER NOT NULL,
    baseline TEXT NOT NULL
) STRICT;

CREATE INDEX baselines_newest ON baselines (target, measured_at);

PRAGMA user_version = 7;
