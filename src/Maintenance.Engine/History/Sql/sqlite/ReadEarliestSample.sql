-- When the first sample of a kind and resolution began. $1 target, $2 kind, $3 resolution.
SELECT began_at FROM samples
WHERE target = $1 AND kind = $2 AND resolution = $3
ORDER BY began_at
LIMIT 1
