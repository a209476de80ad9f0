-- The statement that makes a database for a restore.
-- $1 name, $2 encoding, $3 provider, $4 locale, $5 collate, $6 ctype, $7 ICU locale, $8 builtin locale; null for the server's own
SELECT format('CREATE DATABASE %I TEMPLATE template0', $1::text)
    || CASE WHEN $2::text IS NULL THEN '' ELSE format(' ENCODING %L', $2) END
    || CASE WHEN $3::text IN ('libc', 'icu', 'builtin') AND current_setting('server_version_num')::int >= 150000 THEN format(' LOCALE_PROVIDER %I', $3) ELSE '' END
    || CASE WHEN $4::text IS NULL THEN '' ELSE format(' LOCALE %L', $4) END
    || CASE WHEN $5::text IS NULL THEN '' ELSE format(' LC_COLLATE %L', $5) END
    || CASE WHEN $6::text IS NULL THEN '' ELSE format(' LC_CTYPE %L', $6) END
    || CASE WHEN $7::text IS NULL THEN '' ELSE format(' ICU_LOCALE %L', $7) END
    || CASE WHEN $8::text IS NULL THEN '' ELSE format(' BUILTIN_LOCALE %L', $8) END
