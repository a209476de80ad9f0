-- Names among $1 that some function has which may give different results for the same arguments, or that none has: no index can hold their results.
SELECT name
FROM unnest($1::text[]) AS name
WHERE NOT EXISTS (SELECT FROM pg_proc WHERE proname = name)
   OR EXISTS (SELECT FROM pg_proc WHERE proname = name AND (provolatile <> 'i' OR prokind <> 'f' OR proretset))
