-- What is noted of the database and the server, besides what every session knows.
SELECT quote_ident(current_user), pg_database_size(current_database())
