-- Version 4. What was done to objects of databases, one row for each action: how long it took, and what it came to. The newest row of an
-- object says whether it is still due.
CREATE TABLE maintenance.actions (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id uuid,
    target text NOT NULL,
    database text NOT NULL,
    kind text NOT NULL,
    schema text NOT NULL,
    name text NOT NULL,
    oid bigint NOT NULL,
    owner_table text,
    sql text NOT NULL,
    lock text NOT NULL,
    state text NOT NULL,
    message text NOT NULL,
    error text,
    recommendation text,
    attempts integer NOT NULL,
    size_before bigint,
    size_after bigint,
    predicted interval,
    predicted_from text,
    started_at timestamptz NOT NULL,
    duration interval,
    effect json NOT NULL
);

CREATE INDEX actions_newest ON maintenance.actions (pg_catalog.lower(target), started_at);

-- The run is recorded once it is over, after its actions.
CREATE INDEX actions_of_run ON maintenance.actions (run_id) WHERE run_id IS NOT NULL;

INSERT INTO maintenance.schema_version (version) VALUES (4);
