-- Where names are looked for until the end of the transaction. Nothing here is found by a name, since the path may be another's. $1 the path
SELECT pg_catalog.set_config('search_path', $1, true)
