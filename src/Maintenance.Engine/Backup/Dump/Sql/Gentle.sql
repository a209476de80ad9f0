-- Counting goes on beside the dump and must not take the processors from it or from anybody else.
SET LOCAL max_parallel_workers_per_gather = 0
