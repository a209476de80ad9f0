-- What the next run must know of work that did not come to its end. It lies in the database that the rows leave, because only there can
-- it be written in the transaction that takes them. Made when it is first needed.
CREATE SCHEMA IF NOT EXISTS maintenance;

-- An archive in a store. Until finished_at is set, parts in the store that are not in archive_parts never left their table.
CREATE TABLE IF NOT EXISTS maintenance.archives (
    id uuid NOT NULL PRIMARY KEY,
    target text NOT NULL,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    store text NOT NULL,
    prefix text NOT NULL,
    time_column text NOT NULL,
    time_column_type text NOT NULL,
    cut_off timestamptz NOT NULL,
    columns json NOT NULL,
    server_version text NOT NULL,
    -- Who may add to it. Whoever recovers it changes this first, so that a run that was believed dead can add nothing any more.
    claim uuid NOT NULL,
    created_at timestamptz NOT NULL,
    finished_at timestamptz,
    manifest text,
    manifest_sha256 text
);

CREATE INDEX IF NOT EXISTS archives_unfinished ON maintenance.archives (created_at) WHERE finished_at IS NULL;

-- A file of an archive. Its row is written by the transaction that deletes the rows it holds: it is there if and only if they are gone.
CREATE TABLE IF NOT EXISTS maintenance.archive_parts (
    archive_id uuid NOT NULL REFERENCES maintenance.archives (id),
    number integer NOT NULL,
    name text NOT NULL,
    rows bigint NOT NULL,
    bytes bigint NOT NULL,
    stored_bytes bigint NOT NULL,
    sha256 text NOT NULL,
    checksum text,
    oldest_time text NOT NULL,
    newest_time text NOT NULL,
    committed_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
    PRIMARY KEY (archive_id, number)
);

-- Rows of a file that came back, written by the transaction that inserts them. The archive may be that of another database.
CREATE TABLE IF NOT EXISTS maintenance.archive_restores (
    archive_id uuid NOT NULL,
    part_number integer NOT NULL,
    destination text NOT NULL,
    from_time text,
    to_time text,
    rows bigint NOT NULL,
    restored_at timestamptz NOT NULL DEFAULT pg_catalog.now()
);

CREATE INDEX IF NOT EXISTS archive_restores_part ON maintenance.archive_restores (archive_id, part_number);

-- A partition on its way: written before it is detached, marked as done by the transaction that puts it where it belongs.
CREATE TABLE IF NOT EXISTS maintenance.partition_moves (
    id uuid NOT NULL PRIMARY KEY,
    target text NOT NULL,
    action text NOT NULL,
    table_oid oid NOT NULL,
    table_name text NOT NULL,
    partition_oid oid NOT NULL,
    partition_name text NOT NULL,
    bound text NOT NULL,
    destination text,
    registered_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
    done_at timestamptz
);

CREATE INDEX IF NOT EXISTS partition_moves_open ON maintenance.partition_moves (registered_at) WHERE done_at IS NULL
