-- A page of runs, newest first. $1 time and $2 id that all are before, $3 the earliest time;
-- $4 targets and $5 tasks as JSON arrays, $6 status: each null for all; $7 how many.
SELECT id, task, target, status, message, started_at, duration, machine, module_version, artifacts
FROM runs
WHERE (started_at, id) < ($1, $2)
  AND started_at >= $3
  AND ($4 IS NULL OR target IN (SELECT value FROM json_each($4)))
  AND ($5 IS NULL OR task IN (SELECT value FROM json_each($5)))
  AND ($6 IS NULL OR status = $6)
ORDER BY started_at DESC, id DESC
LIMIT $7
