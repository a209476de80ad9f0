-- Entries of the audit log within a period: how many, on which days (24 hours each, counted back from now), and the longest time without
-- one, the ends of the period included. $1 the period
WITH entry AS (
    SELECT {time} AS at FROM {table} WHERE {time} > now() - $1 AND {time} <= now()
), spaced AS (
    SELECT at, lag(at, 1, now() - $1) OVER (ORDER BY at) AS before FROM entry
    UNION ALL
    SELECT now(), coalesce(max(at), now() - $1) FROM entry
)
SELECT (SELECT count(*) FROM entry),
       ARRAY(SELECT DISTINCT least(floor(extract(epoch FROM now() - at) / 86400), extract(epoch FROM $1) / 86400 - 1)::int FROM entry ORDER BY 1),
       gap.before,
       gap.at,
       now()
FROM (SELECT before, at FROM spaced ORDER BY at - before DESC, at LIMIT 1) AS gap
