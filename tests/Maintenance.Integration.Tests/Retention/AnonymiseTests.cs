using Maintenance.Engine.Retention;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Retention;

public sealed class Anonymise15Tests(SandboxFixture servers) : AnonymiseTests(servers, 15);

public sealed class Anonymise18Tests(SandboxFixture servers) : AnonymiseTests(servers, 18);

/// <summary>Rows that stay without what tells of a person.</summary>
public abstract class AnonymiseTests(SandboxFixture servers, int major)
{
    private const string People = """
        CREATE TABLE t (id int PRIMARY KEY, at timestamptz, name text, email varchar(80), phone text, remark text);
        INSERT INTO t SELECT n, now() - interval '60 days' + n * interval '1 second', 'name ' || n % 10, CASE WHEN n % 4 > 0 THEN 'e' || n || '@example.com' END, '0' || n, 'r' || n FROM generate_series(1, 4000) n;
        INSERT INTO t SELECT -n, now(), 'young', 'y@example.com', '1', 'r' FROM generate_series(1, 10) n;
        CREATE INDEX ON t (at);
        """;

    private static readonly RetentionPolicy Policy = RetentionBench.Policy(RetentionAction.Anonymise) with
    {
        Anonymise = new Dictionary<string, AnonymiseMethod> { ["name"] = AnonymiseMethod.Pseudonym, ["email"] = AnonymiseMethod.Redact, ["phone"] = AnonymiseMethod.Null },
    };

    private async Task<RetentionBench> StartAsync(string sql) => await RetentionBench.StartAsync(await servers.PostgresAsync(major), sql);

    [Fact]
    public async Task Each_column_is_overwritten_as_the_policy_says_and_nothing_else()
    {
        await using var bench = await StartAsync(People);

        var done = await bench.RunAsync(Policy, new RetentionOptions { Verify = true });

        Assert.Equal((StepState.Done, 4000L, 0L, true), (done.State, done.Rows, done.RowsLeft!.Value, done.Verified!.Value));
        Assert.Equal(4000L, await bench.CountAsync("t", "id > 0 AND phone IS NULL AND remark = 'r' || id AND name ~ '^anon:[0-9a-f]{32}$' AND email IS NOT DISTINCT FROM CASE WHEN id % 4 > 0 THEN '[redacted]' END"));
        // The same name, the same pseudonym.
        Assert.Equal((10L, 10L), (await bench.CountAsync("(SELECT DISTINCT name FROM t WHERE id > 0) AS names"), await bench.CountAsync("(SELECT DISTINCT name, id % 10 FROM t WHERE id > 0) AS pairs")));
        Assert.Equal(10L, await bench.CountAsync("t", "id < 0 AND name = 'young' AND phone = '1'"));
    }

    [Fact]
    public async Task What_is_anonymised_is_not_due_again_and_only_new_rows_are_taken()
    {
        await using var bench = await StartAsync(People);
        await bench.RunAsync(Policy);
        var before = await bench.SumAsync("SELECT xmin, * FROM t");
        Assert.Equal((StepState.Skipped, 0L), (await bench.PlanAsync(Policy) is var again ? again.State : default, again.RowsDue));

        await bench.Admin.ExecuteAsync("INSERT INTO t SELECT id + 10000, at, 'name 1', NULL, NULL, 'r' FROM t WHERE id BETWEEN 100 AND 104");
        var done = await bench.RunAsync(Policy);

        Assert.Equal((5L, 5L, 0L), (done.RowsDue, done.Rows, done.RowsLeft));
        Assert.Equal(before, await bench.SumAsync("SELECT xmin, * FROM t WHERE id <= 10000"));
        // Another run, another secret.
        Assert.Equal(2L, await bench.CountAsync("(SELECT DISTINCT name FROM t WHERE id % 10 = 1 AND id BETWEEN 1 AND 9999 UNION SELECT name FROM t WHERE id > 10000) AS names"));
    }

    [Fact]
    public async Task The_secret_of_the_pseudonyms_is_told_nowhere()
    {
        await using var bench = await StartAsync(People);
        await bench.Admin.ExecuteAsync("""
            CREATE TABLE seen (query text);
            CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.seen VALUES (current_query()); RETURN NULL; END $$;
            CREATE TRIGGER look AFTER UPDATE ON t FOR EACH STATEMENT EXECUTE FUNCTION look();
            """);

        var done = await bench.RunAsync(Policy);

        Assert.Contains("$4", Assert.Single(done.Sql), StringComparison.Ordinal);
        // Apart from the mark that tells the server's statistics whose it is.
        Assert.Equal(done.Sql[0], await bench.Admin.ScalarAsync<string>("SELECT DISTINCT replace(query, '/* Maintenance */ ', '') FROM seen"));
        Assert.DoesNotMatch("[0-9A-F]{64}", string.Join('\n', [.. bench.Sink.VerboseMessages, .. (await bench.HistoryAsync()).Select(action => action.Sql)]));
    }

    [Fact]
    public async Task A_row_that_is_changed_while_it_is_waited_for_is_anonymised_in_its_newest_version()
    {
        await using var bench = await StartAsync(People);
        var writer = await bench.OpenAsync();
        await writer.ExecuteAsync("BEGIN; UPDATE t SET remark = 'newest', email = 'new@example.com' WHERE id = 4");
        var count = 0;
        bench.At(FaultPoint.BatchCommitted, async _ =>
        {
            if (count++ == 0)
            {
                await writer.ExecuteAsync("COMMIT");
            }
        });

        var done = await bench.RunAsync(Policy);

        Assert.Equal(0L, done.RowsLeft);
        Assert.Equal(1L, await bench.CountAsync("t", "id = 4 AND remark = 'newest' AND email = '[redacted]'"));
    }

    [Fact]
    public async Task A_trigger_that_changes_rows_back_is_caught_when_asked_to_verify_and_counted_otherwise()
    {
        await using var bench = await StartAsync($"""
            {People}
            CREATE FUNCTION back() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.id = 2000 THEN NEW.email := OLD.email; NEW.email := 'kept@example.com'; END IF; RETURN NEW; END $$;
            CREATE TRIGGER back BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION back();
            """);

        var caught = await bench.RunAsync(Policy, new RetentionOptions { Verify = true });
        var counted = await bench.RunAsync(Policy);

        Assert.Equal((StepState.Failed, MaintenanceErrorCode.ArchiveMismatch, false), (caught.State, caught.Error!.Value, caught.Verified!.Value));
        Assert.Equal((StepState.Deferred, 1L), (counted.State, counted.RowsLeft!.Value));
    }

    [Fact]
    public async Task A_column_too_short_for_what_is_written_is_named()
    {
        await using var bench = await StartAsync("CREATE TABLE t (at timestamptz PRIMARY KEY, name varchar(12)); INSERT INTO t VALUES (now() - interval '1 year', 'somebody')");

        var refused = await bench.PlanAsync(RetentionBench.Policy(RetentionAction.Anonymise) with { Anonymise = new Dictionary<string, AnonymiseMethod> { ["name"] = AnonymiseMethod.Pseudonym } });

        Assert.Equal((StepState.Failed, MaintenanceErrorCode.MappingInvalid), (refused.State, refused.Error));
        Assert.Contains("varchar(12)", refused.Message.Replace("character varying", "varchar", StringComparison.Ordinal), StringComparison.Ordinal);
    }
}
