-- Whether the numbers of the audit log's entries tell of some that are gone or were written later. All entries between the lowest and the
-- highest number of the period are looked at, whatever their time: one written later has an old time and a new number.
-- $1 the period, $2 by how much times may go back while numbers go on
WITH bounds AS (
    SELECT min({id}) AS lowest, max({id}) AS highest FROM {table} WHERE {time} > now() - $1 AND {time} <= now()
), entry AS (
    SELECT {id}::numeric AS id, {time} AS at FROM {table}, bounds WHERE {id} BETWEEN lowest AND highest
), numbered AS (
    SELECT id,
           at,
           id - lag(id) OVER (ORDER BY id) - 1 AS missing,
           max(at) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS newest
    FROM entry
)
SELECT count(*),
       coalesce(sum(missing) FILTER (WHERE missing > 0), 0)::text,
       count(*) FILTER (WHERE missing > 0),
       count(*) FILTER (WHERE newest - at > $2),
       count(*) FILTER (WHERE at > now() + $2),
       count(*) FILTER (WHERE missing = -1)
FROM numbered
