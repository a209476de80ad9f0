-- Baselines, newest first. $1 target, $2 the earliest time.
SELECT baseline FROM baselines
WHERE target = $1 AND measured_at >= $2
ORDER BY measured_at DESC, id DESC
