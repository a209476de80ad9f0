-- Which of these casts lose nothing. What the server casts by itself is not enough: it would round a bigint to double precision and cut
-- text to a name. $1 types from, $2 types to, side by side
SELECT pair.source, pair.destination
FROM ROWS FROM (pg_catalog.unnest($1::bigint[]), pg_catalog.unnest($2::bigint[])) AS pair (source, destination)
JOIN (VALUES
    ('int2', 'int4'), ('int2', 'int8'), ('int2', 'numeric'), ('int2', 'float4'), ('int2', 'float8'),
    ('int4', 'int8'), ('int4', 'numeric'), ('int4', 'float8'),
    ('int8', 'numeric'), ('float4', 'float8'),
    ('varchar', 'text'), ('text', 'varchar'), ('name', 'text'), ('name', 'varchar'),
    ('date', 'timestamp'), ('cidr', 'inet'), ('bit', 'varbit')
) AS lossless (source, destination)
    ON pair.source = pg_catalog.to_regtype('pg_catalog.' || lossless.source)::oid::bigint
    AND pair.destination = pg_catalog.to_regtype('pg_catalog.' || lossless.destination)::oid::bigint
