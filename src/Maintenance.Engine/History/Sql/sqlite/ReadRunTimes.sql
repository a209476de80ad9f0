-- When runs of a target began and how they ended, oldest first. $1 target, $2 the earliest time, $3 at most so many of each task, the newest.
SELECT task, started_at, duration, status, message,
       NOT EXISTS (SELECT 1 FROM steps WHERE steps.run_id = newest.id AND steps.state IN ('Cancelled', 'Failed', 'Planned'))
FROM (
    SELECT id, task, started_at, duration, status, message, row_number() OVER (PARTITION BY task ORDER BY started_at DESC, id DESC) AS place
    FROM runs
    WHERE target = $1 AND started_at >= $2
) AS newest
WHERE place <= $3
ORDER BY started_at
