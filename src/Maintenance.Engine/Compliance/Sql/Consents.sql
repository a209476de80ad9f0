-- Accounts: all, those with a consent of the kind that is needed, those with a consent and a refusal of it. A consent that was withdrawn or
-- has run out is none, and no refusal of another one either. Keys are compared as text: the tables need not have the same type. $1 the kind
WITH decision AS (
    SELECT {user}::text AS account,
           bool_or({granted} AND ({withdrawn} <= now()) IS NOT TRUE AND ({expires} <= now()) IS NOT TRUE) AS granted,
           bool_or({granted} IS NOT TRUE) AS refused
    FROM {table}
    WHERE {type}::text = $1
    GROUP BY 1
)
SELECT count(*), count(*) FILTER (WHERE decision.granted), count(*) FILTER (WHERE decision.granted AND decision.refused)
FROM {user_table} AS account
LEFT JOIN decision ON decision.account = account.{user_id}::text
