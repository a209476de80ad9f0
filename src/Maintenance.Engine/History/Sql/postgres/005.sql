-- Version 5. What tests of backups came to, the last one for each backup and level: what has not changed since need not be read again.
CREATE TABLE maintenance.verifications (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    target text NOT NULL,
    store text NOT NULL,
    name text NOT NULL,
    etag text NOT NULL,
    size_bytes bigint NOT NULL,
    sha256 text,
    last_modified timestamptz NOT NULL,
    level text NOT NULL,
    scope text NOT NULL,
    verdict text NOT NULL,
    fault text NOT NULL,
    verified_at timestamptz NOT NULL,
    details json NOT NULL
);

-- A name may be longer than an index entry.
CREATE INDEX verifications_of_backup ON maintenance.verifications (pg_catalog.lower(target), pg_catalog.left(name, 300));

CREATE INDEX verifications_newest ON maintenance.verifications (pg_catalog.lower(target), verified_at);

INSERT INTO maintenance.schema_version (version) VALUES (5);
