-- Tries what one subject can do to one relation. What to try comes in the setting maintenance.task, what came of it goes into maintenance.result.
-- A block, because errors that it catches reach neither the server's log nor the client; each attempt is a subtransaction of its own.
-- The words of an error may quote what is in a row, so that nothing of it is kept but its SQLSTATE. ASSERT's is no one of the OTHERS.
-- A row to copy comes to its statement in a setting, assigned by an expression that is no statement: parameters may be logged (auto_explain).
-- How nothing is written, though the server itself decides:
--   UPDATE and DELETE are counted by a condition that counts each row which policies let through, and then says no: no row is changed or locked.
--   INSERT, and UPDATE with the values of another row, put NULL where none may be. The server looks at policies before it looks at constraints:
--   a policy's refusal is insufficient_privilege, its consent is not_null_violation. Neither gets as far as the table.
DO $probe$
DECLARE
    task CONSTANT pg_catalog.jsonb := pg_catalog.current_setting('maintenance.task');
    relation CONSTANT pg_catalog.text := task ->> 'relation';
    cap CONSTANT pg_catalog.int8 := task ->> 'cap';
    path CONSTANT pg_catalog.text := task ->> 'path';
    ours CONSTANT pg_catalog.text := pg_catalog.current_setting('role');
    counting CONSTANT pg_catalog.text := pg_catalog.format(
        'CASE WHEN pg_catalog.current_setting(''maintenance.seen'')::pg_catalog.int8 OPERATOR(pg_catalog.>=) %s'
        ' THEN (''maintenance.cap'' OPERATOR(pg_catalog.||) pg_catalog.random()::pg_catalog.text)::pg_catalog.int4 IS NULL'
        ' ELSE pg_catalog.set_config(''maintenance.seen'', (pg_catalog.current_setting(''maintenance.seen'')::pg_catalog.int8 OPERATOR(pg_catalog.+) 1)::pg_catalog.text, true) IS NULL END',
        cap + 1);
    sample pg_catalog.text[] := '{}';
    answers pg_catalog.jsonb := '{}';
    answer pg_catalog.jsonb;
    attempt pg_catalog.jsonb;
    item pg_catalog.text;
    found pg_catalog.int8;
    tried pg_catalog.int8;
    admitted pg_catalog.int8;
    kept pg_catalog.text;
BEGIN
    -- As ourselves: how much there is, and some rows to copy. They stay on the server.
    BEGIN
        IF task ->> 'total' IS NOT NULL THEN
            EXECUTE task ->> 'total' INTO found;
            answers := pg_catalog.jsonb_build_object('Total', pg_catalog.jsonb_build_object('rows', found));
        END IF;
        IF task ->> 'sample' IS NOT NULL THEN
            EXECUTE task ->> 'sample' INTO sample;
        END IF;
    EXCEPTION
        WHEN assert_failure OR OTHERS THEN
            PERFORM pg_catalog.set_config('maintenance.result', pg_catalog.jsonb_build_object('Failure', pg_catalog.jsonb_build_object('code', SQLSTATE))::pg_catalog.text, true);
            RETURN;
    END;

    FOR attempt IN SELECT * FROM pg_catalog.jsonb_array_elements(task -> 'attempts') LOOP
        answer := '{}';
        BEGIN
            PERFORM pg_catalog.set_config('maintenance.seen', '0', true);
            PERFORM pg_catalog.set_config(c.key, c.value, true) FROM pg_catalog.jsonb_each_text(task -> 'claims') AS c;
            PERFORM pg_catalog.set_config('search_path', path, true);
            PERFORM pg_catalog.set_config('role', task ->> 'role', true);
            IF attempt ->> 'kind' = 'count' THEN
                EXECUTE attempt ->> 'sql' INTO found;
                answer := pg_catalog.jsonb_build_object('rows', found);
            ELSIF attempt ->> 'kind' = 'touch' THEN
                EXECUTE pg_catalog.concat(attempt ->> 'sql', ' WHERE ', counting);
                answer := pg_catalog.jsonb_build_object('rows', pg_catalog.current_setting('maintenance.seen')::pg_catalog.int8);
            ELSE
                tried := 0;
                admitted := 0;
                FOREACH item IN ARRAY sample LOOP
                    BEGIN
                        kept := pg_catalog.set_config('maintenance.row', item, true);
                        EXECUTE attempt ->> 'sql';
                        -- Only where no row was there to update.
                        IF attempt ->> 'kind' = 'insert' THEN
                            RAISE EXCEPTION 'The row got through the constraint that was to stop it.' USING ERRCODE = 'triggered_action_exception';
                        END IF;
                        tried := tried + 1;
                    EXCEPTION
                        WHEN not_null_violation THEN
                            tried := tried + 1;
                            admitted := admitted + 1;
                        WHEN insufficient_privilege THEN
                            tried := tried + 1;
                    END;
                END LOOP;
                answer := pg_catalog.jsonb_build_object('rows', admitted, 'of', tried);
            END IF;
            PERFORM pg_catalog.set_config('role', ours, true);
        EXCEPTION
            WHEN assert_failure OR OTHERS THEN
                IF SQLSTATE = '22P02' AND SQLERRM LIKE '%maintenance.cap%' THEN
                    answer := pg_catalog.jsonb_build_object('rows', cap + 1);
                ELSE
                    answer := pg_catalog.jsonb_build_object('code', SQLSTATE);
                END IF;
        END;
        PERFORM pg_catalog.set_config('role', ours, true), pg_catalog.set_config('search_path', 'pg_catalog', true);
        answers := answers || pg_catalog.jsonb_build_object(attempt ->> 'name', answer);
    END LOOP;
    PERFORM pg_catalog.set_config('maintenance.result', answers::pg_catalog.text, true);
END
$probe$
