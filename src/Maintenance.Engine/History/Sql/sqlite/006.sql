-- Version 6. Findings keep what an audit says of them, and each finding that was ever open has one row that tells when it was seen and mended.
ALTER TABLE findings ADD COLUMN details TEXT NOT NULL DEFAULT '{}';

CREATE TABLE finding_ledger (
    target TEXT NOT NULL COLLATE NOCASE,
    fingerprint TEXT NOT NULL,
    first_seen_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    fixed_at INTEGER,
    finding TEXT NOT NULL,
    PRIMARY KEY (target, fingerprint)
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 6;
