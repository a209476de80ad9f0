-- Version 8. Rules that fire: where each alert stands, every change of its state, who wants to hear nothing until when; and what repairs came to.
-- The table of version 1 was never written.
DROP TABLE maintenance.alerts;

CREATE TABLE maintenance.alert_states (
    target text NOT NULL,
    rule text NOT NULL,
    series text NOT NULL,
    version bigint NOT NULL,
    memory json NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE UNIQUE INDEX alert_states_key ON maintenance.alert_states (pg_catalog.lower(target), pg_catalog.lower(rule), series);

CREATE TABLE maintenance.alerts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    target text NOT NULL,
    changed_at timestamptz NOT NULL,
    alert json NOT NULL
);

CREATE INDEX alerts_newest ON maintenance.alerts (pg_catalog.lower(target), changed_at);

CREATE TABLE maintenance.alert_silences (
    id uuid NOT NULL PRIMARY KEY,
    target text NOT NULL,
    ends_at timestamptz NOT NULL,
    silence json NOT NULL
);

CREATE TABLE maintenance.repairs (
    id uuid NOT NULL PRIMARY KEY,
    target text NOT NULL,
    began_at timestamptz NOT NULL,
    repair json NOT NULL
);

CREATE INDEX repairs_newest ON maintenance.repairs (pg_catalog.lower(target), began_at);

INSERT INTO maintenance.schema_version (version) VALUES (8);
