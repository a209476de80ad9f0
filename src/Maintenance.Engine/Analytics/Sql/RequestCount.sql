-- How many requests a window had, how many of them failed, and of how many that is known. $1 the window
SELECT count(*), count(*) FILTER (WHERE NOT {succeeded}), count({succeeded}) FROM {table} WHERE {time} >= now() - $1 AND {time} <= now()
