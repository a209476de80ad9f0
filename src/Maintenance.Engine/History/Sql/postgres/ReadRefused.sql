-- The messages that were refused for good. $1 target.
SELECT id FROM maintenance.outbox
WHERE pg_catalog.lower(target) = pg_catalog.lower($1) AND state = 'Rejected'
