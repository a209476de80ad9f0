-- Accounts in auth.users and sessions in auth.sessions, as counts: whether the tables are there, whether this role sees all of their rows, and the counts as JSON.
-- Which columns there are differs: what is not there is null. The texts that run are made of fixed pieces only. $1 after how many seconds an account is inactive.
WITH parts AS (
    SELECT c.oid, c.relname,
           array_agg(a.attname::text) AS columns,
           has_schema_privilege(n.oid, 'USAGE')
               AND bool_and(has_column_privilege(c.oid, a.attnum, 'SELECT'))
               AND NOT row_security_active(c.oid) AS readable,
           -- The grant that shows the columns, and, where row security stands in the way, what lets this role past it.
           format('GRANT USAGE ON SCHEMA auth TO %1$I; GRANT SELECT (%2$s) ON auth.%3$I TO %1$I;%4$s', current_user, string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum), c.relname,
                  CASE WHEN row_security_active(c.oid) THEN format(' ALTER ROLE %I BYPASSRLS;', current_user) ELSE '' END) AS missing
    FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE n.nspname = 'auth' AND c.relname IN ('users', 'sessions') AND c.relkind IN ('r', 'p')
      -- A column of another type is none of ours.
      AND (a.attname IN ('id', 'user_id') OR (a.attname = ANY (ARRAY['last_sign_in_at', 'created_at', 'banned_until', 'confirmed_at', 'email_confirmed_at', 'phone_confirmed_at', 'deleted_at', 'updated_at', 'refreshed_at']) AND a.atttypid = 'timestamptz'::regtype) OR (a.attname = 'refreshed_at' AND a.atttypid = 'timestamp'::regtype))
    GROUP BY c.oid, c.relname, n.oid
), known AS (
    SELECT u.oid IS NOT NULL AS users, coalesce(u.readable, false) AS readable, u.columns AS u, u.missing,
           s.oid IS NOT NULL AS sessions, coalesce(s.readable, false) AS sessions_readable, s.columns AS s,
           (SELECT atttypid = 'timestamp'::regtype FROM pg_attribute WHERE attrelid = s.oid AND attname = 'refreshed_at' AND NOT attisdropped) AS plain
    FROM (SELECT 1) AS one
    LEFT JOIN parts AS u ON u.relname = 'users'
    LEFT JOIN parts AS s ON s.relname = 'sessions'
), texts AS (
    SELECT known.*,
           format('now() - make_interval(secs => %s)', $1::float8) AS cutoff,
           CASE WHEN sessions_readable AND s && ARRAY['created_at', 'updated_at', 'refreshed_at'] THEN
               'greatest('
               || concat_ws(', ',
                      CASE WHEN 'created_at' = ANY (s) THEN 's.created_at' END,
                      CASE WHEN 'updated_at' = ANY (s) THEN 's.updated_at' END,
                      CASE WHEN 'refreshed_at' = ANY (s) THEN CASE WHEN plain THEN 's.refreshed_at AT TIME ZONE ''UTC''' ELSE 's.refreshed_at' END END)
               || ')'
           END AS renewed
    FROM known
)
SELECT users,
       readable,
       sessions,
       sessions_readable,
       coalesce(renewed IS NOT NULL AND 'user_id' = ANY (s) AND 'id' = ANY (u), false),
       coalesce('last_sign_in_at' = ANY (u), false),
       missing,
       CASE WHEN users AND readable THEN query_to_xml(
           'SELECT json_build_object(''Total'', count(*)'
           || CASE WHEN 'last_sign_in_at' = ANY (u) THEN
                  ', ''NeverSignedIn'', count(*) FILTER (WHERE u.last_sign_in_at IS NULL)'
                  || CASE WHEN 'created_at' = ANY (u) THEN format(', ''NeverSignedInAndOld'', count(*) FILTER (WHERE u.last_sign_in_at IS NULL AND u.created_at < %s)', cutoff) ELSE '' END
                  || format(', ''Inactive'', count(*) FILTER (WHERE u.last_sign_in_at < %s%s)', cutoff,
                         CASE WHEN renewed IS NOT NULL AND 'user_id' = ANY (s) AND 'id' = ANY (u) THEN
                             format(' AND u.id::text NOT IN (SELECT s.user_id::text FROM auth.sessions AS s WHERE s.user_id IS NOT NULL AND %s >= %s)', renewed, cutoff) ELSE '' END)
              ELSE '' END
           || CASE WHEN 'banned_until' = ANY (u) THEN ', ''Banned'', count(*) FILTER (WHERE u.banned_until > now())' ELSE '' END
           || CASE WHEN u && ARRAY['confirmed_at', 'email_confirmed_at', 'phone_confirmed_at'] THEN
                  ', ''Unconfirmed'', count(*) FILTER (WHERE coalesce('
                  || concat_ws(', ',
                         CASE WHEN 'confirmed_at' = ANY (u) THEN 'u.confirmed_at' END,
                         CASE WHEN 'email_confirmed_at' = ANY (u) THEN 'u.email_confirmed_at' END,
                         CASE WHEN 'phone_confirmed_at' = ANY (u) THEN 'u.phone_confirmed_at' END)
                  || ') IS NULL)'
              ELSE '' END
           || ') AS j FROM auth.users AS u'
           || CASE WHEN 'deleted_at' = ANY (u) THEN ' WHERE u.deleted_at IS NULL' ELSE '' END,
           false, false, '')::text
       END,
       CASE WHEN sessions AND sessions_readable THEN query_to_xml(
           'SELECT json_build_object(''Sessions'', count(*)'
           || CASE WHEN renewed IS NOT NULL THEN format(', ''OldSessions'', count(*) FILTER (WHERE %s < %s)', renewed, cutoff) ELSE '' END
           || ') AS j FROM auth.sessions AS s',
           false, false, '')::text
       END
FROM texts
