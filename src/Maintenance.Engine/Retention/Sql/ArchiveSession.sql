-- How sessions take rows into files. $1 lock_timeout, short because rows that we have locked already wait with us
SELECT pg_catalog.set_config('lock_timeout', $1, false),
       pg_catalog.set_config('jit', 'off', false)
