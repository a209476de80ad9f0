-- When the first run of a target began. $1 target.
SELECT started_at FROM maintenance.runs WHERE pg_catalog.lower(target) = pg_catalog.lower($1) ORDER BY started_at, id LIMIT 1
