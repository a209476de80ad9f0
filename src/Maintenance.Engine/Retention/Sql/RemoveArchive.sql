-- An archive that nothing ever left for. $1 it, $2 our claim
DELETE FROM maintenance.archives AS a
WHERE a.id = $1 AND a.claim = $2 AND a.finished_at IS NULL
  AND NOT EXISTS (SELECT FROM maintenance.archive_parts AS p WHERE p.archive_id = a.id)
