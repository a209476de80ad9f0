-- As Consents.sql, where a table keeps a row for each decision: the newest counts, and of two of the same time the refusal. $1 the kind
WITH decision AS (
    SELECT DISTINCT ON (1) {user}::text AS account, {granted} IS TRUE AS granted
    FROM {table}
    WHERE {type}::text = $1
    ORDER BY 1, {time} DESC NULLS LAST, {granted} IS TRUE
)
SELECT count(*), count(*) FILTER (WHERE decision.granted), 0::bigint
FROM {user_table} AS account
LEFT JOIN decision ON decision.account = account.{user_id}::text
