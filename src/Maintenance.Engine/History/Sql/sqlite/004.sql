-- Version 4. What was done to objects of databases, one row for each action: how long it took, and what it came to. The newest row of an
-- object says whether it is still due.
CREATE TABLE actions (
    id INTEGER PRIMARY KEY,
    run_id TEXT,
    target TEXT NOT NULL COLLATE NOCASE,
    database TEXT NOT NULL,
    kind TEXT NOT NULL,
    schema TEXT NOT NULL,
    name TEXT NOT NULL,
    oid INTEGER NOT NULL,
    owner_table TEXT,
    sql TEXT NOT NULL,
    lock TEXT NOT NULL,
    state TEXT NOT NULL,
    message TEXT NOT NULL,
    error TEXT,
    recommendation TEXT,
    attempts INTEGER NOT NULL,
    size_before INTEGER,
    size_after INTEGER,
    predicted INTEGER,
    predicted_from TEXT,
    started_at INTEGER NOT NULL,
    duration INTEGER,
    effect TEXT NOT NULL
) STRICT;

CREATE INDEX actions_newest ON actions (target, started_at);

-- The run is recorded once it is over, after its actions.
CREATE INDEX actions_of_run ON actions (run_id) WHERE run_id IS NOT NULL;

PRAGMA user_version = 4;
