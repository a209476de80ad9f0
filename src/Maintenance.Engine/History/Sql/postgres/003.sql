-- Version 3. What cumulative statistics said at a time: the difference of two is what happened between them.
CREATE TABLE maintenance.snapshots (
    target text NOT NULL,
    kind text NOT NULL,
    taken_at timestamptz NOT NULL,
    stats_reset timestamptz,
    payload json NOT NULL
);

CREATE UNIQUE INDEX snapshots_series ON maintenance.snapshots (pg_catalog.lower(target), kind, taken_at);

INSERT INTO maintenance.schema_version (version) VALUES (3);
