-- Version 1. Times are microseconds since 1970-01-01 UTC, durations microseconds, words the names of the enumerations,
-- evidence, labels and artifacts JSON. Names of tasks and targets are compared as PowerShell compares them: without case.
CREATE TABLE runs (
    id TEXT NOT NULL PRIMARY KEY,
    task TEXT NOT NULL COLLATE NOCASE,
    target TEXT NOT NULL COLLATE NOCASE,
    status TEXT NOT NULL,
    message TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    duration INTEGER NOT NULL,
    machine TEXT,
    module_version TEXT,
    artifacts TEXT NOT NULL
) STRICT;

CREATE INDEX runs_newest ON runs (started_at, id);

CREATE TABLE steps (
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    status TEXT NOT NULL,
    message TEXT NOT NULL,
    error TEXT,
    recommendation TEXT,
    started_at INTEGER NOT NULL,
    duration INTEGER NOT NULL,
    PRIMARY KEY (run_id, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE metrics (
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    target TEXT NOT NULL COLLATE NOCASE,
    name TEXT NOT NULL,
    value REAL,
    unit TEXT NOT NULL,
    status TEXT NOT NULL,
    reason TEXT,
    labels TEXT NOT NULL,
    observed_at INTEGER NOT NULL,
    PRIMARY KEY (run_id, ordinal)
) STRICT, WITHOUT ROWID;

CREATE INDEX metrics_series ON metrics (target, name, observed_at);

CREATE TABLE findings (
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    id TEXT NOT NULL,
    area TEXT NOT NULL,
    severity TEXT NOT NULL,
    outcome TEXT NOT NULL,
    subject TEXT,
    message TEXT NOT NULL,
    evidence TEXT NOT NULL,
    recommendation TEXT,
    remedy_kind TEXT,
    remedy_command TEXT,
    remedy_rollback TEXT,
    target TEXT NOT NULL COLLATE NOCASE,
    collected_at INTEGER NOT NULL,
    PRIMARY KEY (run_id, ordinal)
) STRICT, WITHOUT ROWID;

-- Not part of a run: a rule may fire between runs. One row for each change of state.
CREATE TABLE alerts (
    id INTEGER PRIMARY KEY,
    target TEXT NOT NULL COLLATE NOCASE,
    rule TEXT NOT NULL,
    metric TEXT NOT NULL,
    severity TEXT NOT NULL,
    state TEXT NOT NULL,
    since INTEGER NOT NULL,
    value REAL,
    recorded_at INTEGER NOT NULL
) STRICT;

CREATE INDEX alerts_newest ON alerts (target, rule, recorded_at);

-- 'Mntn': by this number a history is told from any other SQLite file.
PRAGMA application_id = 1299084398;
PRAGMA user_version = 1;
