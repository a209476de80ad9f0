-- Which of these casts lose nothing: those that the server makes by itself anywhere. $1 types from, $2 types to, side by side
SELECT pair.source, pair.destination
FROM ROWS FROM (pg_catalog.unnest($1::bigint[]), pg_catalog.unnest($2::bigint[])) AS pair (source, destination)
JOIN pg_catalog.pg_cast AS c ON c.castsource = pair.source::oid AND c.casttarget = pair.destination::oid AND c.castcontext = 'i'
