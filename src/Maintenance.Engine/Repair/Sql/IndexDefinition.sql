-- What makes an index again. $1 its OID.
SELECT pg_get_indexdef($1::bigint::oid)
