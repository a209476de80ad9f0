-- Who logs in to foreign servers as whom. The server hides the options from everybody but the mapped role and the server's owner,
-- and an empty list looks the same: so the names of options are known, or null. Their values stay on the server.
SELECT m.umid::bigint,
       m.umuser = 0,
       quote_ident(m.srvname),
       CASE WHEN m.umuser = 0 THEN 'PUBLIC' ELSE quote_ident(m.usename) END,
       (SELECT array_agg(split_part(o, '=', 1)) FROM unnest(m.umoptions) AS o),
       (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
FROM pg_user_mappings AS m
