-- Requests of a kind. What fell due within the period or is open past its time counts; an answer that is still to come is none.
-- $1 the kind, $2 the period, $3 the term where a request has no time of its own, $4 all kinds that are known
WITH request AS (
    SELECT lower({type}::text) AS kind,
           CASE WHEN isfinite({received}) THEN {received} END AS received,
           CASE WHEN isfinite({due}) THEN {due} WHEN isfinite({received}) THEN {received} + $3 END AS due,
           CASE WHEN {completed} <= now() THEN {completed} END AS completed
    FROM {table}
), wanted AS (
    SELECT *, due <= now() AND (due >= now() - $2 OR completed IS NULL) AS fell_due
    FROM request
    WHERE kind = lower($1)
)
SELECT count(*),
       (SELECT count(*) FROM request WHERE kind <> ALL ($4) OR kind IS NULL),
       count(*) FILTER (WHERE completed IS NULL AND due IS NULL),
       count(*) FILTER (WHERE fell_due),
       count(*) FILTER (WHERE fell_due AND completed <= due),
       count(*) FILTER (WHERE fell_due AND completed > due),
       count(*) FILTER (WHERE completed IS NULL),
       count(*) FILTER (WHERE completed IS NULL AND due <= now()),
       count(*) FILTER (WHERE completed IS NULL AND due > now() AND due <= now() + interval '7 days'),
       min(received) FILTER (WHERE completed IS NULL),
       min(due) FILTER (WHERE completed IS NULL)
FROM wanted
