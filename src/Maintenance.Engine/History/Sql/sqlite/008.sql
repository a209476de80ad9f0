-- Version 8. Rules that fire: where each alert stands, every change of its state, who wants to hear nothing until when; and what repairs came to.
-- The table of version 1 was never written.
DROP TABLE alerts;

CREATE TABLE alert_states (
    target TEXT NOT NULL COLLATE NOCASE,
    rule TEXT NOT NULL COLLATE NOCASE,
    series TEXT NOT NULL,
    version INTEGER NOT NULL,
    memory TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (target, rule, series)
) STRICT, WITHOUT ROWID;

CREATE TABLE alerts (
    id INTEGER PRIMARY KEY,
    target TEXT NOT NULL COLLATE NOCASE,
    changed_at INTEGER NOT NULL,
    alert TEXT NOT NULL
) STRICT;

CREATE INDEX alerts_newest ON alerts (target, changed_at);

CREATE TABLE alert_silences (
    id TEXT NOT NULL PRIMARY KEY,
    target TEXT NOT NULL COLLATE NOCASE,
    ends_at INTEGER NOT NULL,
    silence TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE repairs (
    id TEXT NOT NULL PRIMARY KEY,
    target TEXT NOT NULL COLLATE NOCASE,
    began_at INTEGER NOT NULL,
    repair TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX repairs_newest ON repairs (target, began_at);

PRAGMA user_version = 8;
