-- Lets a sequence go on after a key, if it has not come so far. Never turns it back. $1 its OID, $2 the key
SELECT pg_catalog.setval($1::bigint::oid::regclass, $2::bigint)
WHERE COALESCE(pg_catalog.pg_sequence_last_value($1::bigint::oid::regclass), 0) < $2::bigint
  AND $2::bigint BETWEEN (SELECT s.seqmin FROM pg_catalog.pg_sequence AS s WHERE s.seqrelid = $1::bigint::oid)
                     AND (SELECT s.seqmax FROM pg_catalog.pg_sequence AS s WHERE s.seqrelid = $1::bigint::oid)
