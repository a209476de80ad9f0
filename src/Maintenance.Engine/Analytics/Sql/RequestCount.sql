-- How many requests a window had. $1 the window
SELECT count(*) FROM {table} WHERE {time} >= now() - $1 AND {time} <= now()
