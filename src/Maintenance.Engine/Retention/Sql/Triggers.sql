-- Triggers of people that run in our session. $1 the table's OID
-- tgtype: 1 for each row, 2 before, 4 insert, 8 delete, 16 update
SELECT pg_catalog.quote_ident(t.tgname),
       (t.tgtype & 3) = 3,
       (t.tgtype & 4) <> 0,
       (t.tgtype & 8) <> 0,
       (t.tgtype & 16) <> 0
FROM pg_catalog.pg_trigger AS t
WHERE t.tgrelid = $1::bigint::oid
  AND NOT t.tgisinternal
  AND t.tgenabled IN ('O', 'A')
ORDER BY t.tgname
