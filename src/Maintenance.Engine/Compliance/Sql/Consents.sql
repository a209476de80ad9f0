-- Accounts: all, those with a consent of the kind that is needed, those with a consent and a refusal of it.
-- Keys are compared as text: the tables need not have the same type. $1 the kind
WITH decision AS (
    SELECT {user}::text AS account, bool_or({granted}) AS granted, bool_or({granted} IS NOT TRUE) AS refused
    FROM {table}
    WHERE {type}::text = $1
    GROUP BY 1
)
SELECT count(*), count(*) FILTER (WHERE decision.granted), count(*) FILTER (WHERE decision.granted AND decision.refused)
FROM {user_table} AS account
LEFT JOIN decision ON decision.account = account.{user_id}::text
