-- Foreign keys to what accounts are unique by, other than their primary key.
SELECT format('%I.%I', n.nspname, c.relname), quote_ident(k.conname), format('%I.%I', fn.nspname, f.relname)
FROM pg_constraint AS k
JOIN pg_class AS c ON c.oid = k.conrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_class AS f ON f.oid = k.confrelid
JOIN pg_namespace AS fn ON fn.oid = f.relnamespace
JOIN pg_index AS i ON i.indexrelid = k.conindid
WHERE k.contype = 'f' AND fn.nspname = 'auth' AND n.nspname <> 'auth' AND NOT i.indisprimary
