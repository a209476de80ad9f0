-- Waits until nobody is about to add to an archive that is still ours. $1 the archive, $2 our claim
UPDATE maintenance.archives SET claim = claim WHERE id = $1 AND claim = $2 AND finished_at IS NULL
