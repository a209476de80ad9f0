-- What the planner reckons with.
SELECT current_setting('seq_page_cost')::float8, current_setting('random_page_cost')::float8, current_setting('cpu_tuple_cost')::float8,
       current_setting('cpu_index_tuple_cost')::float8, current_setting('cpu_operator_cost')::float8, current_setting('block_size')::int
