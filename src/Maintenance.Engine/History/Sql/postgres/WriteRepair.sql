-- What a repair came to, in place of what was said when it began. $1 id, $2 target, $3 when it began, $4 the repair as JSON.
INSERT INTO maintenance.repairs (id, target, began_at, repair) VALUES ($1, $2, $3, $4)
ON CONFLICT (id) DO UPDATE SET repair = excluded.repair
