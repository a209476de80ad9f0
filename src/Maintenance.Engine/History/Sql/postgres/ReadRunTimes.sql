-- When runs of a target began and how they ended, oldest first. $1 target, $2 the earliest time, $3 at most so many of each task, the newest.
SELECT task, started_at, duration, status, message,
       NOT EXISTS (SELECT 1 FROM maintenance.steps WHERE steps.run_id = newest.id AND steps.state IN ('Cancelled', 'Failed', 'Planned'))
FROM (
    SELECT id, task, started_at, duration, status, message, pg_catalog.row_number() OVER (PARTITION BY pg_catalog.lower(task) ORDER BY started_at DESC, id DESC) AS place
    FROM maintenance.runs
    WHERE pg_catalog.lower(target) = pg_catalog.lower($1) AND started_at >= $2
) AS newest
WHERE place <= $3
ORDER BY started_at
