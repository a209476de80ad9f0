-- Rows that are older than they may become, up to a bound, and the oldest of those that were seen, in seconds since 1970. $1 before when,
-- as text, $2 the bound
SELECT count(*), extract(epoch FROM min(moment))::float8
FROM (
    SELECT {time} AS moment
    FROM {table}
    WHERE {time} > '-infinity' AND {time} < $1::{time_type}{not_held}{not_done}
    LIMIT $2
) AS seen
