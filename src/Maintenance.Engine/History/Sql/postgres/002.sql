-- Version 2. Notifications on their way. A row with a lease is being sent by somebody.
CREATE TABLE maintenance.outbox (
    id uuid PRIMARY KEY,
    target text NOT NULL,
    message json NOT NULL,
    state text NOT NULL,
    attempts integer NOT NULL,
    status_code integer,
    next_attempt timestamptz NOT NULL,
    lease_until timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE INDEX outbox_waiting ON maintenance.outbox (pg_catalog.lower(target), created_at, id) WHERE state = 'Queued';

INSERT INTO maintenance.schema_version (version) VALUES (2);
