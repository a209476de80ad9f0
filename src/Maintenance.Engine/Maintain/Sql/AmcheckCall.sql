-- The check of one b-tree ($1, its OID), as the server names it; nothing where amcheck is not installed.
SELECT format('SELECT %I.bt_index_check(%s::oid::regclass)', namespace.nspname, $1::bigint),
       has_function_privilege(format('%I.bt_index_check(regclass)', namespace.nspname), 'EXECUTE')
FROM pg_extension AS extension
JOIN pg_namespace AS namespace ON namespace.oid = extension.extnamespace
WHERE extension.extname = 'amcheck'
