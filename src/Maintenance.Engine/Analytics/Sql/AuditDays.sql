-- On how many of the last days there was an entry: days are 24 hours counted back from now. $1 the period
SELECT count(DISTINCT floor(extract(epoch FROM now() - {time}) / 86400))
FROM {table}
WHERE {time} > now() - $1 AND {time} <= now()
