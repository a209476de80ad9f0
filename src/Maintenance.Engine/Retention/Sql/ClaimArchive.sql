-- Takes an archive over, once whoever adds to it now is done. $1 the archive, $2 the new claim
UPDATE maintenance.archives SET claim = $2 WHERE id = $1 AND finished_at IS NULL
