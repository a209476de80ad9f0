-- Version 6. Findings keep what an audit says of them, and each finding that was ever open has one row that tells when it was seen and mended.
ALTER TABLE maintenance.findings ADD COLUMN details json NOT NULL DEFAULT '{}';

CREATE TABLE maintenance.finding_ledger (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    target text NOT NULL,
    fingerprint text NOT NULL,
    first_seen_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    fixed_at timestamptz,
    finding json NOT NULL
);

CREATE UNIQUE INDEX finding_ledger_key ON maintenance.finding_ledger (pg_catalog.lower(target), fingerprint);

INSERT INTO maintenance.schema_version (version) VALUES (6);
