-- Version 2. Notifications on their way. A row with a lease is being sent by somebody.
CREATE TABLE outbox (
    id TEXT PRIMARY KEY,
    target TEXT NOT NULL COLLATE NOCASE,
    message TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    status_code INTEGER,
    next_attempt INTEGER NOT NULL,
    lease_until INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX outbox_waiting ON outbox (target, created_at, id) WHERE state = 'Queued';

PRAGMA user_version = 2;
