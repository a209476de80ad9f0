-- Puts a file on record as restored, in the transaction that inserts its rows.
-- $1 archive, $2 part, $3 destination, $4 and $5 the range, $6 rows
INSERT INTO maintenance.archive_restores (archive_id, part_number, destination, from_time, to_time, rows)
VALUES ($1, $2, $3, $4, $5, $6)
