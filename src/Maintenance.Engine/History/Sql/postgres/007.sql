-- Version 7. What was measured again and again, one row for each time, all values together and compressed: raw, then by the hour, then by the
-- day. And what was usual once: baselines to compare with.
CREATE TABLE maintenance.samples (
    target text NOT NULL,
    kind text NOT NULL,
    resolution text NOT NULL,
    began_at timestamptz NOT NULL,
    span interval NOT NULL,
    payload bytea NOT NULL
);

CREATE UNIQUE INDEX samples_series ON maintenance.samples (pg_catalog.lower(target), kind, began_at, resolution);

-- It is compressed already.
ALTER TABLE maintenance.samples ALTER COLUMN payload SET STORAGE EXTERNAL;

CREATE TABLE maintenance.baselines (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    target text NOT NULL,
    measured_at timestamptz NOT NULL,
    baseline json NOT NULL
);

CREATE INDEX baselines_newest ON maintenance.baselines (pg_catalog.lower(target), measured_at);

INSERT INTO maintenance.schema_version (version) VALUES (7);
