-- Whether the numbers of the audit log's entries tell of some that are gone or were written later. All entries from the lowest number of the
-- period on are looked at, up to the highest there is, whatever their time: one written later has an old time and a new number, and the
-- newest of all may be such a one. $1 the period, $2 by how much times may go back while numbers go on, $3 by how much clocks may differ
WITH bounds AS (
    SELECT min({id}) AS lowest FROM {table} WHERE {time} > now() - $1
), entry AS (
    SELECT {id}::numeric AS id, {time} AS at FROM {table}, bounds WHERE {id} >= lowest
), numbered AS (
    SELECT id,
           at,
           id - lag(id) OVER (ORDER BY id) - 1 AS missing,
           max(CASE WHEN isfinite(at) THEN at END) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS newest
    FROM entry
)
SELECT count(*),
       coalesce(sum(missing) FILTER (WHERE missing > 0), 0)::text,
       count(*) FILTER (WHERE missing > 0),
       count(*) FILTER (WHERE at < newest - $2),
       count(*) FILTER (WHERE at > now() + $3),
       count(*) FILTER (WHERE missing = -1)
FROM numbered
