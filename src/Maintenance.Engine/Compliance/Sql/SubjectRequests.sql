-- Requests of some kinds. What fell due within the period or is open past its time counts; an answer that is still to come is none.
-- Names of kinds are compared without case, blanks around them, and what stands between words. Those of kinds that nobody knows come from
-- rows: only what has the form of a name is shown.
-- $1 the kinds, $2 the period, $3 the term where a request has no time of its own, $4 all kinds that are known
WITH request AS (
    SELECT translate(lower(btrim({type}::text, E' \t\r\n')), ' -', '__') AS kind,
           CASE WHEN isfinite({received}) THEN {received} END AS received,
           CASE WHEN isfinite({due}) THEN {due} WHEN isfinite({received}) THEN {received} + $3 END AS due,
           CASE WHEN isfinite({completed}) AND {completed} <= now() THEN {completed} END AS completed
    FROM {table}
), judged AS (
    SELECT *,
           coalesce(due <= now() AND (due >= now() - $2 OR completed IS NULL), false) AS fell_due,
           -- Answered before the period began, it cannot have been late within it.
           due IS NULL AND coalesce(completed >= now() - $2, true) AS undated
    FROM request
), wanted AS (
    SELECT * FROM judged WHERE kind = ANY ($1)
), strange AS (
    SELECT coalesce(kind, '') AS kind, count(*) AS amount
    FROM judged
    WHERE (kind <> ALL ($4) OR kind IS NULL) AND (completed IS NULL OR fell_due OR undated)
    GROUP BY 1
)
SELECT count(*),
       (SELECT coalesce(sum(amount), 0)::bigint FROM strange),
       (SELECT count(*) FROM strange),
       ARRAY(SELECT kind FROM strange WHERE kind ~ '^[[:alpha:]_]{1,40}$' ORDER BY amount DESC, kind LIMIT 5),
       count(*) FILTER (WHERE undated AND completed IS NULL),
       count(*) FILTER (WHERE undated AND completed IS NOT NULL),
       count(*) FILTER (WHERE fell_due),
       count(*) FILTER (WHERE fell_due AND completed <= due),
       count(*) FILTER (WHERE fell_due AND completed > due),
       count(*) FILTER (WHERE completed IS NULL),
       count(*) FILTER (WHERE completed IS NULL AND due <= now()),
       count(*) FILTER (WHERE completed IS NULL AND due > now() AND due <= now() + interval '7 days'),
       min(received) FILTER (WHERE completed IS NULL),
       min(due) FILTER (WHERE completed IS NULL)
FROM wanted
