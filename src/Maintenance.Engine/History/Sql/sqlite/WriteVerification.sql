-- What one test of a backup came to.
INSERT INTO verifications (target, store, name, etag, size_bytes, sha256, last_modified, level, scope, verdict, fault, verified_at, details)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
