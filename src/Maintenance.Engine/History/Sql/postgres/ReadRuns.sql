-- A page of runs, newest first. $1 time and $2 id that all are before, $3 the earliest time;
-- $4 targets, $5 tasks, $6 status: each null for all; $7 how many.
SELECT id, task, target, status, message, started_at, duration, machine, module_version, artifacts
FROM maintenance.runs
WHERE (started_at, id) < ($1, $2)
  AND started_at >= $3
  AND ($4::text[] IS NULL OR pg_catalog.lower(target) IN (SELECT pg_catalog.lower(name) FROM pg_catalog.unnest($4::text[]) name))
  AND ($5::text[] IS NULL OR pg_catalog.lower(task) IN (SELECT pg_catalog.lower(name) FROM pg_catalog.unnest($5::text[]) name))
  AND ($6::text IS NULL OR status = $6::text)
ORDER BY started_at DESC, id DESC
LIMIT $7
