-- A part, in the transaction that deletes its rows; no row if somebody else has taken the archive over. The lock makes whoever wants to
-- take it over wait until this transaction is decided.
-- $1 the archive, $2 our claim, then the part
INSERT INTO maintenance.archive_parts (archive_id, number, name, rows, bytes, stored_bytes, sha256, checksum, oldest_time, newest_time)
SELECT a.id, $3::int, $4::text, $5::bigint, $6::bigint, $7::bigint, $8::text, $9::text, $10::text, $11::text
FROM (SELECT id FROM maintenance.archives WHERE id = $1 AND claim = $2 AND finished_at IS NULL FOR SHARE) AS a
