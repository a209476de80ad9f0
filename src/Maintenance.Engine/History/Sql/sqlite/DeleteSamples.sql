-- Forgets samples that others stand for now, or that are too old. $1 target, $2 kind, $3 resolution, $4 the earliest time, $5 the first time to keep.
DELETE FROM samples WHERE target = $1 AND kind = $2 AND resolution = $3 AND began_at >= $4 AND began_at < $5
