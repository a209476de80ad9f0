namespace Maintenance.TestSupport;

/// <summary>A table with its indexes in a known state of bloat.</summary>
/// <param name="Table">Its name in schema public.</param>
/// <param name="Setup">What makes it: each statement by itself, because VACUUM takes no others beside it.</param>
/// <param name="IsFresh">True if nothing was done to it since it was built: then there is nothing to complain of.</param>
internal sealed record BloatFixture(string Table, bool IsFresh, params string[] Setup)
{
    /// <summary>True if statistics are older than the damage, on purpose.</summary>
    public bool IsStale { get; init; }
}

/// <summary>What bloat estimates are held against: the truth is taken by rewriting each.</summary>
internal static class BloatFixtures
{
    private const string Quiet = "WITH (autovacuum_enabled = off)";

    public static IReadOnlyList<BloatFixture> All { get; } =
    [
        .. Pair(
            "dedup",
            $"CREATE TABLE dedup (id int, status int, batch int, note text) {Quiet}",
            "INSERT INTO dedup SELECT g, g % 10, g / 100, 'note ' || g FROM generate_series(1, 60000) g",
            "CREATE INDEX dedup_status ON dedup (status); CREATE INDEX dedup_batch ON dedup (batch); CREATE INDEX dedup_status_batch ON dedup (status, batch)",
            "DELETE FROM dedup WHERE id % 5 <> 0"),
        .. Pair(
            "random_counts",
            $"CREATE TABLE random_counts (id int, few int, text_few text) {Quiet}",
            "SELECT setseed(0.5); INSERT INTO random_counts SELECT g, (random() * 20000)::int, md5(((random() * 15000)::int)::text) FROM generate_series(1, 50000) g",
            "CREATE INDEX random_counts_few ON random_counts (few); CREATE INDEX random_counts_text ON random_counts (text_few)",
            "DELETE FROM random_counts WHERE id % 3 <> 0"),
        .. Pair(
            "uuids",
            $"CREATE TABLE uuids (id uuid, at timestamptz, kind text) {Quiet}",
            "INSERT INTO uuids SELECT md5(g::text)::uuid, timestamptz '2026-01-01' + g * interval '1 minute', 'kind ' || g % 7 FROM generate_series(1, 50000) g",
            "CREATE UNIQUE INDEX uuids_key ON uuids (id); CREATE INDEX uuids_at ON uuids (at)",
            "DELETE FROM uuids WHERE get_byte(uuid_send(id), 0) > 90"),
        new(
            "uuids_inserted",
            false,
            $"CREATE TABLE uuids_inserted (id uuid PRIMARY KEY) {Quiet}",
            "INSERT INTO uuids_inserted SELECT md5(g::text)::uuid FROM generate_series(1, 50000) g",
            "VACUUM ANALYZE uuids_inserted"),
        .. Pair(
            "included",
            $"CREATE TABLE included (id bigint, a int, b text, c date) {Quiet}",
            "INSERT INTO included SELECT g, g % 500, 'value ' || g % 1000, date '2026-01-01' + g % 365 FROM generate_series(1, 40000) g",
            "CREATE INDEX included_a ON included (a) INCLUDE (b, c); CREATE UNIQUE INDEX included_id ON included (id) INCLUDE (a)",
            "DELETE FROM included WHERE id % 4 <> 0"),
        .. Pair(
            "expressions",
            $"CREATE TABLE expressions (id int, email text, at timestamp) {Quiet}",
            "INSERT INTO expressions SELECT g, 'User' || g || '@Example.com', timestamp '2026-01-01' + g * interval '7 minutes' FROM generate_series(1, 40000) g",
            "CREATE UNIQUE INDEX expressions_lower ON expressions (lower(email)); CREATE INDEX expressions_day ON expressions (date_trunc('day', at)); CREATE INDEX expressions_both ON expressions (id, upper(email))",
            "DELETE FROM expressions WHERE id % 10 < 7"),
        .. Pair(
            "toasted",
            $"CREATE TABLE toasted (id int PRIMARY KEY, body text) {Quiet}",
            "ALTER TABLE toasted ALTER body SET STORAGE EXTERNAL",
            "INSERT INTO toasted SELECT g, repeat(md5(g::text), 190) FROM generate_series(1, 1500) g",
            "DELETE FROM toasted WHERE id % 10 < 7"),
        .. Pair(
            "toasted_varied",
            $"CREATE TABLE toasted_varied (id int PRIMARY KEY, body text, other text) {Quiet}",
            "ALTER TABLE toasted_varied ALTER body SET STORAGE EXTERNAL, ALTER other SET STORAGE EXTERNAL",
            "INSERT INTO toasted_varied SELECT g, repeat(md5(g::text), 70 + g % 300), repeat(md5(g::text), 64 + g % 20) FROM generate_series(1, 1500) g",
            "DELETE FROM toasted_varied WHERE id % 2 = 0"),
        .. Pair(
            "fill70",
            "CREATE TABLE fill70 (id int, a bigint, b text) WITH (autovacuum_enabled = off, fillfactor = 70)",
            "INSERT INTO fill70 SELECT g, g * 7, 'some text ' || g FROM generate_series(1, 40000) g",
            "CREATE UNIQUE INDEX fill70_id ON fill70 (id) WITH (fillfactor = 70); CREATE INDEX fill70_b ON fill70 (b) WITH (fillfactor = 60)",
            "DELETE FROM fill70 WHERE id % 2 = 0"),
        .. Pair(
            "nulls",
            $"CREATE TABLE nulls (id int, a int, b text, c numeric, d timestamptz, e uuid, f text, g int, h int, i bigint, rare text) {Quiet}",
            "INSERT INTO nulls (id, rare) SELECT g, CASE WHEN g % 10 = 0 THEN 'rare ' || g END FROM generate_series(1, 60000) g",
            "CREATE INDEX nulls_a ON nulls (a); CREATE INDEX nulls_rare ON nulls (rare); CREATE INDEX nulls_id_a ON nulls (id, a)",
            "DELETE FROM nulls WHERE id % 3 <> 0"),
        .. Pair(
            "mixed",
            $"""CREATE TABLE mixed (flag boolean, id bigint, small smallint, ratio float8, code char(3), at timestamptz, name text, amount numeric(12, 2), tiny "char", net inet) {Quiet}""",
            "INSERT INTO mixed SELECT g % 2 = 0, g, (g % 100)::smallint, g / 3.0, 'abc', timestamptz '2026-01-01' + g * interval '1 second', substr(md5(g::text), 1, 3 + g % 20), (g % 100000) / 100.0, 'x', CASE WHEN g % 3 = 0 THEN NULL ELSE inet '10.0.0.0' + g END FROM generate_series(1, 50000) g",
            "CREATE INDEX mixed_flag_id ON mixed (flag, id); CREATE INDEX mixed_amount ON mixed (amount); CREATE INDEX mixed_name ON mixed (name); CREATE INDEX mixed_code ON mixed (code); CREATE INDEX mixed_ratio ON mixed (ratio)",
            "DELETE FROM mixed WHERE id % 4 < 3"),
        .. Pair(
            "wide",
            $"CREATE TABLE wide (id int PRIMARY KEY, body text) {Quiet}",
            "INSERT INTO wide SELECT g, (SELECT string_agg(md5((g * 100 + n)::text), '') FROM generate_series(1, 20 + g % 20) n) FROM generate_series(1, 6000) g",
            "DELETE FROM wide WHERE id % 5 < 3"),
        .. Pair(
            "partial",
            $"CREATE TABLE partial (id int, state text, at timestamptz) {Quiet}",
            "INSERT INTO partial SELECT g, CASE WHEN g % 20 = 0 THEN 'open' ELSE 'closed' END, timestamptz '2026-01-01' + g * interval '1 minute' FROM generate_series(1, 100000) g",
            "CREATE INDEX partial_open ON partial (id) WHERE state = 'open'; CREATE INDEX partial_closed ON partial (at) WHERE state = 'closed'",
            "DELETE FROM partial WHERE id % 5 <> 0"),
        .. Pair(
            "dropped",
            $"CREATE TABLE dropped (id int, gone text, a int, also_gone bigint, b text) {Quiet}",
            "ALTER TABLE dropped DROP COLUMN gone, DROP COLUMN also_gone",
            "INSERT INTO dropped SELECT g, g, 'text ' || g FROM generate_series(1, 50000) g",
            "DELETE FROM dropped WHERE id % 3 <> 0"),
        // The bytes of dropped columns stay in the rows until the table is rewritten.
        new(
            "dropped_later",
            false,
            $"CREATE TABLE dropped_later (id int, a text, b text, n int) {Quiet}",
            "INSERT INTO dropped_later SELECT g, md5(g::text), md5((g + 1)::text), g FROM generate_series(1, 60000) g",
            "CREATE INDEX dropped_later_n ON dropped_later (n)",
            "ALTER TABLE dropped_later DROP COLUMN a",
            "VACUUM ANALYZE dropped_later"),
        new(
            "fresh_dropped_long_ago",
            true,
            $"CREATE TABLE fresh_dropped_long_ago (id int, a text, b text, n int) {Quiet}",
            "ALTER TABLE fresh_dropped_long_ago DROP COLUMN a",
            "INSERT INTO fresh_dropped_long_ago SELECT g, md5((g + 1)::text), g FROM generate_series(1, 60000) g",
            "VACUUM ANALYZE fresh_dropped_long_ago"),
        .. Pair(
            "skewed",
            $"CREATE TABLE skewed (id int, s text, l text, r text) {Quiet}",
            // Of four in five rows one key, short or long; the others are unique, or in r pairs.
            "INSERT INTO skewed SELECT g, CASE WHEN g % 5 > 0 THEN 'open' ELSE md5(g::text) END, CASE WHEN g % 5 > 0 THEN repeat('long ', 20) ELSE 'k' || g END, CASE WHEN g % 5 > 0 THEN 'open' ELSE md5((g / 10)::text) END FROM generate_series(1, 200000) g",
            "CREATE INDEX skewed_s ON skewed (s); CREATE INDEX skewed_l ON skewed (l); CREATE INDEX skewed_r ON skewed (r)",
            "DELETE FROM skewed WHERE id % 3 <> 0"),
        new(
            "updated",
            false,
            $"CREATE TABLE updated (id int PRIMARY KEY, a int, b text) {Quiet}",
            "INSERT INTO updated SELECT g, g % 4000, md5((g % 3000)::text) FROM generate_series(1, 60000) g",
            "CREATE INDEX updated_a ON updated (a); CREATE INDEX updated_b ON updated (b)",
            "UPDATE updated SET a = (a * 7 + id) % 4000",
            "VACUUM updated",
            "UPDATE updated SET a = (a * 11 + id) % 4000, b = md5(((id * 7) % 3000)::text)",
            "UPDATE updated SET a = a + 1 WHERE id % 3 = 0",
            "VACUUM ANALYZE updated"),
        new(
            "dead_range",
            false,
            $"CREATE TABLE dead_range (id int PRIMARY KEY, day int, note text) {Quiet}",
            "INSERT INTO dead_range SELECT g, g / 500, 'note ' || g FROM generate_series(1, 100000) g",
            "CREATE INDEX dead_range_day ON dead_range (day)",
            "ANALYZE dead_range",
            "DELETE FROM dead_range WHERE id <= 80000",
            "VACUUM dead_range")
        { IsStale = true },
        new(
            "dead_range_unvacuumed",
            false,
            $"CREATE TABLE dead_range_unvacuumed (id int PRIMARY KEY, day int, note text) {Quiet}",
            "INSERT INTO dead_range_unvacuumed SELECT g, g / 500, 'note ' || g FROM generate_series(1, 100000) g",
            "CREATE INDEX dead_range_unvacuumed_day ON dead_range_unvacuumed (day)",
            "VACUUM ANALYZE dead_range_unvacuumed",
            "DELETE FROM dead_range_unvacuumed WHERE id <= 80000")
        { IsStale = true },
        new(
            "churned",
            false,
            $"CREATE TABLE churned (id int PRIMARY KEY, a int, b text) {Quiet}",
            "INSERT INTO churned SELECT g, g % 100, 'text ' || g FROM generate_series(1, 40000) g",
            "CREATE INDEX churned_a ON churned (a)",
            "UPDATE churned SET a = a + 1",
            "UPDATE churned SET a = a + 1",
            "VACUUM ANALYZE churned"),
        .. Partitioned("partitioned"),
    ];

    /// <summary>The same built twice: once left alone, once with most rows deleted. Both vacuumed and analyzed.</summary>
    private static IEnumerable<BloatFixture> Pair(string table, params string[] steps)
    {
        var name = $"fresh_{table}";
        var vacuum = $"VACUUM ANALYZE {table}";
        string[] build = [.. steps.Take(steps.Length - 1)];
        yield return new BloatFixture(table, false, [.. build, steps[^1], vacuum]);
        yield return new BloatFixture(name, true, [.. build.Append(vacuum).Select(step => System.Text.RegularExpressions.Regex.Replace(step, $@"\b{table}(?=\b|_)", name))]);
    }

    private static IEnumerable<BloatFixture> Partitioned(string table)
    {
        yield return new BloatFixture(table, false, [
            $"CREATE TABLE {table} (id int, at date, note text) PARTITION BY RANGE (at)",
            .. Enumerable.Range(1, 3).Select(month => FormattableString.Invariant($"CREATE TABLE {table}_{month} PARTITION OF {table} FOR VALUES FROM ('2026-{month:00}-01') TO ('2026-{month + 1:00}-01') {Quiet}")),
            $"INSERT INTO {table} SELECT g, date '2026-01-01' + g % 90, 'note ' || g FROM generate_series(1, 60000) g",
            $"CREATE INDEX {table}_id ON {table} (id)",
            $"DELETE FROM {table} WHERE at < '2026-02-15' AND id % 10 <> 0",
            $"VACUUM ANALYZE {table}"]);
    }
}
