SELECT pg_catalog.set_config('sandbox.scale', $1, false),
       pg_catalog.set_config('sandbox.seed', $2, false),
       pg_catalog.set_config('sandbox.now', pg_catalog.now()::text, false)
