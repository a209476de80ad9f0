-- Says that moves are over. $1 their ids
UPDATE maintenance.partition_moves SET done_at = pg_catalog.now() WHERE id = ANY ($1::uuid[]) AND done_at IS NULL
