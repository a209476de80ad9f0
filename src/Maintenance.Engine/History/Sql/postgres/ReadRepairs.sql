-- Repairs, newest first. $1 target, $2 the earliest time.
SELECT repair FROM maintenance.repairs WHERE pg_catalog.lower(target) = pg_catalog.lower($1) AND began_at >= $2 ORDER BY began_at DESC, id DESC
