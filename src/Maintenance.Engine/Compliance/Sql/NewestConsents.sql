-- As Consents.sql, where a table keeps a row for each decision: the newest counts, and of two of the same time the refusal. $1 the kind
WITH each AS (
    SELECT {user}::text AS account,
           {time} AS at,
           ({granted} AND ({withdrawn} <= now()) IS NOT TRUE AND ({expires} <= now()) IS NOT TRUE) IS TRUE AS granted
    FROM {table}
    WHERE {type}::text = $1
), decision AS (
    SELECT DISTINCT ON (account) account, granted FROM each ORDER BY account, at DESC NULLS LAST, granted
)
SELECT count(*), count(*) FILTER (WHERE decision.granted), 0::bigint
FROM {user_table} AS account
LEFT JOIN decision ON decision.account = account.{user_id}::text
