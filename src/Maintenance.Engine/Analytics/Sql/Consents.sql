-- Accounts, and how many of them consented. $1 the kind of consent that is needed
SELECT count(*),
       count(*) FILTER (WHERE EXISTS (
           SELECT 1 FROM {table} AS consent
           WHERE consent.{user} = account.{user_id} AND consent.{type}::text = $1 AND consent.{granted}))
FROM {user_table} AS account
