-- Version 1. Words are the names of the enumerations. JSON is json, not jsonb: it keeps the order of evidence, and 5.0 stays 5.0.
-- Names of tasks and targets are compared as PowerShell compares them: without case.
CREATE SCHEMA IF NOT EXISTS maintenance;

CREATE TABLE maintenance.schema_version (
    version integer NOT NULL PRIMARY KEY,
    applied_at timestamptz NOT NULL DEFAULT pg_catalog.now()
);

CREATE TABLE maintenance.runs (
    id uuid NOT NULL PRIMARY KEY,
    task text NOT NULL,
    target text NOT NULL,
    status text NOT NULL,
    message text NOT NULL,
    started_at timestamptz NOT NULL,
    duration interval NOT NULL,
    machine text,
    module_version text,
    artifacts json NOT NULL
);

CREATE INDEX runs_newest ON maintenance.runs (started_at, id);

CREATE TABLE maintenance.steps (
    run_id uuid NOT NULL REFERENCES maintenance.runs (id) ON DELETE CASCADE,
    ordinal integer NOT NULL,
    name text NOT NULL,
    state text NOT NULL,
    status text NOT NULL,
    message text NOT NULL,
    error text,
    recommendation text,
    started_at timestamptz NOT NULL,
    duration interval NOT NULL,
    PRIMARY KEY (run_id, ordinal)
);

CREATE TABLE maintenance.metrics (
    run_id uuid NOT NULL REFERENCES maintenance.runs (id) ON DELETE CASCADE,
    ordinal integer NOT NULL,
    target text NOT NULL,
    name text NOT NULL,
    value double precision,
    unit text NOT NULL,
    status text NOT NULL,
    reason text,
    labels json NOT NULL,
    observed_at timestamptz NOT NULL,
    PRIMARY KEY (run_id, ordinal)
);

CREATE INDEX metrics_series ON maintenance.metrics (pg_catalog.lower(target), name, observed_at);

CREATE TABLE maintenance.findings (
    run_id uuid NOT NULL REFERENCES maintenance.runs (id) ON DELETE CASCADE,
    ordinal integer NOT NULL,
    id text NOT NULL,
    area text NOT NULL,
    severity text NOT NULL,
    outcome text NOT NULL,
    subject text,
    message text NOT NULL,
    evidence json NOT NULL,
    recommendation text,
    remedy_kind text,
    remedy_command text,
    remedy_rollback text,
    target text NOT NULL,
    collected_at timestamptz NOT NULL,
    PRIMARY KEY (run_id, ordinal)
);

-- Not part of a run: a rule may fire between runs. One row for each change of state.
CREATE TABLE maintenance.alerts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    target text NOT NULL,
    rule text NOT NULL,
    metric text NOT NULL,
    severity text NOT NULL,
    state text NOT NULL,
    since timestamptz NOT NULL,
    value double precision,
    recorded_at timestamptz NOT NULL
);

CREATE INDEX alerts_newest ON maintenance.alerts (pg_catalog.lower(target), rule, recorded_at);

INSERT INTO maintenance.schema_version (version) VALUES (1);
