-- When the first run of a target began. $1 target.
SELECT started_at FROM runs WHERE target = $1 ORDER BY started_at, id LIMIT 1
