-- How a value of one type is stored in a column of another: a assigned by the server, t from text, v through text, nothing if there is
-- no way. Domains are as what they are made of. $1 types from, $2 types to, side by side
SELECT pair.source,
       pair.destination,
       CASE
           WHEN COALESCE(NULLIF(s.typbasetype, 0), s.oid) = COALESCE(NULLIF(d.typbasetype, 0), d.oid) THEN 'a'
           WHEN EXISTS (
               SELECT FROM pg_catalog.pg_cast AS c
               WHERE c.castsource = COALESCE(NULLIF(s.typbasetype, 0), s.oid)
                 AND c.casttarget = COALESCE(NULLIF(d.typbasetype, 0), d.oid)
                 AND c.castcontext IN ('i', 'a')) THEN 'a'
           WHEN d.typcategory = 'S' THEN 'a'
           WHEN s.typcategory = 'S' THEN 't'
           WHEN s.typtype = 'e' OR d.typtype = 'e' THEN 'v'
           WHEN s.typcategory = 'A' AND d.typcategory = 'A' THEN 'v'
           ELSE ''
       END
FROM ROWS FROM (pg_catalog.unnest($1::bigint[]), pg_catalog.unnest($2::bigint[])) AS pair (source, destination)
JOIN pg_catalog.pg_type AS s ON s.oid = pair.source::oid
JOIN pg_catalog.pg_type AS d ON d.oid = pair.destination::oid
