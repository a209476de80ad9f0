-- An archive that nothing is added to any more. $1 it, $2 our claim, $3 when, $4 its manifest, $5 the manifest's SHA-256
UPDATE maintenance.archives SET finished_at = $3, manifest = $4, manifest_sha256 = $5
WHERE id = $1 AND claim = $2 AND finished_at IS NULL
