-- The parts of an archive whose rows have left. $1 the archive
SELECT number, name, rows, bytes, stored_bytes, sha256, checksum, oldest_time, newest_time
FROM maintenance.archive_parts
WHERE archive_id = $1
ORDER BY number
