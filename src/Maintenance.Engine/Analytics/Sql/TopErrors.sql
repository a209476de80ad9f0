-- The most frequent errors of a window. Numbers, identifiers, addresses and quoted texts are replaced before counting, so that alike
-- messages are one and no personal data leaves the server; ErrorText does the rest. $1 the window, $2 severities, in lower case
SELECT text, component, count(*), min(at), max(at)
FROM (
    SELECT regexp_replace(regexp_replace(regexp_replace(regexp_replace(left({message}::text, 500),
               '[^[:space:]<>"''=:]+@[^[:space:]<>"'']+', '<email>', 'g'),
               '[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}', '<id>', 'g'),
               '"[^"]*"|''[^'']*''', '<text>', 'g'),
               '[0-9]+', '<n>', 'g') AS text,
           left({component}::text, 100) AS component,
           {time} AS at
    FROM {table}
    WHERE {time} >= now() - $1 AND {time} <= now() AND lower({severity}::text) = ANY ($2)
) AS errors
GROUP BY text, component
ORDER BY count(*) DESC, text, component
LIMIT 50
