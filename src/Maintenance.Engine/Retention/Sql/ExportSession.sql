-- How a session exports. The end of a part is found along the index on the time: to sort the table for each part would take longer than
-- everything else.
SELECT pg_catalog.set_config('jit', 'off', false),
       pg_catalog.set_config('enable_sort', 'off', false)
