-- Forgets what was settled long ago. $1 target, $2 how long ago.
DELETE FROM maintenance.outbox WHERE pg_catalog.lower(target) = pg_catalog.lower($1) AND state <> 'Queued' AND updated_at < $2
