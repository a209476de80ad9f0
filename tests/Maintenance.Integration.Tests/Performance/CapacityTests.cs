using Maintenance.Engine;
using Maintenance.Engine.History;
using Maintenance.Engine.Performance.Samples;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Performance;

/// <summary>Forecasts of a real database with a past of sixty days.</summary>
public sealed class CapacityTests(SandboxFixture fixture) : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MaintenanceEngine _engine = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task The_present_is_the_servers_and_the_past_is_the_historys(int major)
    {
        var sandbox = await fixture.PostgresAsync(major);
        var target = Target(sandbox.Target);
        var size = await SizeAsync(sandbox);
        await RecordAsync(target, days => new() { ["server_size_bytes"] = size - 1_000_000 * days, ["connections"] = 20, ["xid_age"] = 10_000 + 100 * (60 - days) });
        var forecasts = await _engine.Capacity.ForecastAsync(target, null, null, 10, Calls.Silent(), Token);

        var storage = forecasts.First(forecast => forecast.Resource == CapacityResource.Storage);
        // Tests beside this one make databases and drop them.
        Assert.InRange(storage.Current!.Value, size / 2, size * 3 + 1e9);
        Assert.NotNull(storage.CurrentAt);
        Assert.Equal(100.0 * (1L << 30), storage.Limit);
        Assert.InRange(storage.TrendPerDay!.Value, 900_000, 1_100_000);
        Assert.NotNull(storage.Projected);
        Assert.NotNull(storage.Backtest);
        Assert.Equal(
            [CapacityResource.Connections, CapacityResource.Connections],
            forecasts.Where(forecast => forecast.LimitSource?.Contains("onnection", StringComparison.Ordinal) == true).Select(forecast => forecast.Resource));
        var ids = forecasts.Single(forecast => forecast.Resource == CapacityResource.TransactionIds);
        Assert.Equal((2_144_483_647.0, null, HealthStatus.Ok), (ids.Limit, ids.ReachedExpected, ids.Status));
        Assert.Equal(HealthStatus.Unknown, forecasts.Single(forecast => forecast.Resource == CapacityResource.Bandwidth).Status);
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Sequences_end_where_their_narrowest_column_ends(int major)
    {
        var sandbox = await fixture.PostgresAsync(major);
        var name = $"capacity_{Guid.NewGuid():N}";
        await SandboxDatabase.CreateAsync(sandbox, name);
        try
        {
            await SandboxDatabase.ExecuteAsync(
                sandbox,
                """
                CREATE TABLE narrow (id smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
                CREATE SEQUENCE wide AS bigint;
                CREATE TABLE trap (id integer DEFAULT nextval('wide') PRIMARY KEY);
                CREATE TABLE plain (id integer PRIMARY KEY);
                CREATE SEQUENCE down INCREMENT -1 MINVALUE -1000 MAXVALUE -1;
                CREATE SEQUENCE ring MAXVALUE 500 CYCLE;
                CREATE SEQUENCE unused;
                CREATE SCHEMA maintenance;
                CREATE TABLE maintenance.baselines (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
                CREATE SCHEMA maintenance_agent;
                CREATE TABLE maintenance_agent.jobs (id integer PRIMARY KEY);
                SELECT setval('maintenance.baselines_id_seq', 9);
                SELECT setval('narrow_id_seq', 30000), setval('wide', 5000), setval('down', -300), setval('ring', 100);
                """,
                name);
            var target = Target(sandbox.Target.As(database: name));
            await RecordAsync(
                target,
                days => new() { ["public.narrow_id_seq"] = 30_000 - 100 * days, ["public.wide"] = 5000 - days, ["public.down"] = -300 + 2 * days, ["public.ring"] = 100, ["public.plain.id"] = 900_000_000 - 1_000_000 * days },
                SampleKinds.Keys);
            var keys = await _engine.Capacity.ForecastAsync(target, [CapacityResource.Sequence, CapacityResource.IntegerKey], TimeSpan.FromDays(30), 10, Calls.Silent(), Token);

            CapacityForecast Of(string subject) => Assert.Single(keys, key => key.Subject == subject);
            var narrow = Of("public.narrow_id_seq");
            Assert.Equal((30_000.0, 32_767.0, "smallint of public.narrow.id"), (narrow.Current, narrow.Limit, narrow.LimitSource));
            Assert.Equal(HealthStatus.Critical, narrow.Status);
            Assert.InRange(narrow.ReachedExpected!.Value, narrow.CollectedAt.AddDays(26), narrow.CollectedAt.AddDays(29));
            Assert.Equal((2_147_483_647.0, "integer of public.trap.id"), (Of("public.wide").Limit, Of("public.wide").LimitSource));
            Assert.Equal((-300.0, -1000.0), (Of("public.down").Current, Of("public.down").Limit));
            // What begins again at its end does not run out.
            Assert.DoesNotContain(keys, key => key.Subject == "public.ring");
            Assert.Equal((CapacityResource.IntegerKey, 2_147_483_647.0), (Of("public.plain.id").Resource, Of("public.plain.id").Limit));
            Assert.DoesNotContain(keys, key => key.Subject.Contains("unused", StringComparison.Ordinal));
            // What this module keeps for itself is nobody's question.
            Assert.DoesNotContain(keys, key => key.Subject.StartsWith("maintenance", StringComparison.Ordinal));
            Assert.Equal("public.narrow_id_seq", keys[0].Subject);
        }
        finally
        {
            await SandboxDatabase.ExecuteAsync(sandbox, $"DROP DATABASE {name} WITH (FORCE)");
        }
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task Whatever_things_are_called_what_was_sampled_is_found_again(int major)
    {
        var sandbox = await fixture.PostgresAsync(major);
        var name = $"capacity_{Guid.NewGuid():N}";
        await SandboxDatabase.CreateAsync(sandbox, name);
        try
        {
            await SandboxDatabase.ExecuteAsync(
                sandbox,
                """"
                CREATE SCHEMA "a.b";
                CREATE TABLE "Order Items" ("Id" integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
                CREATE TABLE "a.b"."c.d" ("e.f" serial PRIMARY KEY);
                CREATE TABLE "say ""so""" (id integer PRIMARY KEY);
                CREATE TABLE "two
                lines" ("order" integer PRIMARY KEY);
                CREATE TABLE "Größe_日本" ("Schlüssel" serial PRIMARY KEY);
                INSERT INTO "Order Items" DEFAULT VALUES;
                INSERT INTO "a.b"."c.d" DEFAULT VALUES;
                INSERT INTO "say ""so""" VALUES (7);
                INSERT INTO "two
                lines" VALUES (8);
                INSERT INTO "Größe_日本" DEFAULT VALUES;
                ALTER DATABASE capacity_name SET quote_all_identifiers = on;
                """".Replace("capacity_name", name, StringComparison.Ordinal),
                name);
            var target = Target(sandbox.Target.As(database: name));
            await _engine.Tasks.RunAsync(target, "PerformanceMetrics", new(), Calls.Silent(), Token);
            var now = TimeProvider.System.GetUtcNow();
            var samples = await new SampleReader(_engine.History.StoreOf(target, Calls.Silent())!).ReadAsync(target.Name, SampleKinds.Keys, now.AddDays(-1), now.AddDays(1), Token);
            var keys = await _engine.Capacity.ForecastAsync(target, [CapacityResource.Sequence, CapacityResource.IntegerKey], TimeSpan.FromDays(30), 10, Calls.Silent(), Token);

            Assert.Equal(5, samples.Count);
            Assert.Equal(samples.Keys.Order(StringComparer.Ordinal), keys.Select(key => key.Subject).Order(StringComparer.Ordinal));
            Assert.All(keys, key => Assert.True(key.Samples >= 1, key.Subject));
            Assert.Contains(keys, key => key.Subject == "public.\"say \"\"so\"\"\".id" && key.Current == 7);
            Assert.Contains(keys, key => key.Subject == "\"a.b\".\"c.d_e.f_seq\"" && key.LimitSource == "integer of \"a.b\".\"c.d\".\"e.f\"");
        }
        finally
        {
            await SandboxDatabase.ExecuteAsync(sandbox, $"DROP DATABASE {name} WITH (FORCE)");
        }
    }

    [Theory]
    [ClassData(typeof(PostgresVersions))]
    public async Task A_key_near_its_end_is_told_with_its_day_and_what_to_do_and_to_a_role_without_rights_that_it_may_not_know(int major)
    {
        var sandbox = await fixture.PostgresAsync(major);
        var name = $"capacity_{Guid.NewGuid():N}";
        await SandboxDatabase.CreateAsync(sandbox, name);
        try
        {
            await SandboxDatabase.ExecuteAsync(
                sandbox,
                $"""
                CREATE TABLE orders (id serial PRIMARY KEY);
                SELECT setval('orders_id_seq', 1900000000);
                CREATE ROLE {name} LOGIN PASSWORD '{name}';
                """,
                name);
            var target = Target(sandbox.Target.As(database: name));
            // 247 million are left, ten million go a day.
            await RecordAsync(target, days => new() { ["public.orders_id_seq"] = 1_900_000_000 - 10_000_000 * days }, SampleKinds.Keys);
            await RecordAsync(target, days => new() { ["xid_age"] = 1_000 + 100 * (60 - days) });
            var forecasts = await _engine.Capacity.ForecastAsync(target, [CapacityResource.Sequence, CapacityResource.TransactionIds], null, 10, Calls.Silent(), Token);
            var key = forecasts.Single(forecast => forecast.Resource == CapacityResource.Sequence);
            Assert.Equal((HealthStatus.Critical, 1_900_000_000.0, 2_147_483_647.0), (key.Status, key.Current, key.Limit));
            Assert.InRange(key.ReachedExpected!.Value, key.CollectedAt.AddDays(24), key.CollectedAt.AddDays(25.5));
            Assert.StartsWith("1,900,000,000 of 2,147,483,647; ", key.Message, StringComparison.Ordinal);
            Assert.Contains("bigint", key.Recommendation, StringComparison.Ordinal);
            Assert.DoesNotContain(".", key.Message.Split(" expected")[0], StringComparison.Ordinal);
            Assert.NotNull(forecasts.Single(forecast => forecast.Resource == CapacityResource.TransactionIds).Current);

            var stranger = target.As(name, name) with { Name = $"{target.Name}s" };
            var hidden = await _engine.Capacity.ForecastAsync(stranger, null, null, 10, Calls.Silent(), Token);
            var sequence = hidden.Single(forecast => forecast.Resource == CapacityResource.Sequence);
            Assert.Equal((HealthStatus.Unknown, null), (sequence.Status, sequence.Current));
            Assert.Contains($"The role {name} may not see", sequence.Message, StringComparison.Ordinal);
            Assert.Contains($"GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO {name};", sequence.Recommendation, StringComparison.Ordinal);
            await SandboxDatabase.ExecuteAsync(sandbox, System.Text.RegularExpressions.Regex.Match(sequence.Recommendation!, "GRANT [^;]+;").Value, name);
            Assert.NotNull((await _engine.Capacity.ForecastAsync(stranger, [CapacityResource.Sequence], null, 10, Calls.Silent(), Token)).Single().Current);
        }
        finally
        {
            await SandboxDatabase.ExecuteAsync(sandbox, $"DROP DATABASE {name} WITH (FORCE)");
            await SandboxDatabase.ExecuteAsync(sandbox, $"DROP ROLE IF EXISTS {name}");
        }
    }

    [Fact]
    public async Task Where_nobody_answers_the_past_is_told_and_the_present_is_unknown()
    {
        var sandbox = await fixture.PostgresAsync(15);
        var target = Target(sandbox.Target) with { Database = sandbox.Target.Database! with { Port = 1 } };
        await RecordAsync(target, days => new() { ["server_size_bytes"] = 1e9 - 1e6 * days });
        var forecasts = await _engine.Capacity.ForecastAsync(target, null, null, 10, Calls.Silent(TimeSpan.FromSeconds(20)), Token);
        var storage = forecasts.Single(forecast => forecast.Resource == CapacityResource.Storage);
        Assert.InRange(storage.TrendPerDay!.Value, 0.99e6, 1.01e6);
        Assert.Contains(storage.Reasons, reason => reason.StartsWith("The database did not answer", StringComparison.Ordinal));
        Assert.All(forecasts.Where(forecast => forecast.Resource != CapacityResource.Storage), forecast => Assert.Equal(HealthStatus.Unknown, forecast.Status));
    }

    [Fact]
    public async Task The_report_is_published_once_a_day_and_made_again()
    {
        var sandbox = await fixture.PostgresAsync(15);
        var target = Target(sandbox.Target) with { ArtifactStore = new StoreSettings { Path = _folder.Path } };
        var forecasts = await _engine.Capacity.ForecastAsync(target, [CapacityResource.Storage], null, 10, Calls.Silent(), Token);
        Assert.All((await _engine.Capacity.PublishAsync(target, forecasts, null, 10, Calls.Silent(), Token))[0].Published, artifact => Assert.Equal(ArtifactState.Published, artifact.State));
        Assert.All((await _engine.Capacity.PublishAsync(target, forecasts, null, 10, Calls.Silent(), Token))[0].Published, artifact => Assert.Equal(ArtifactState.Replaced, artifact.State));
        var path = Path.Combine(_folder.Path, "performance-reports", "capacity", $"capacity-{forecasts[0].CollectedAt:yyyyMMdd}.md");
        Assert.Contains("What runs out, and when", await File.ReadAllTextAsync(path, Token), StringComparison.Ordinal);
    }

    private MaintenanceTarget Target(MaintenanceTarget target) => target with
    {
        Name = $"capacity{Guid.NewGuid():N}",
        Functions = null,
        Analytics = new AnalyticsSettings(),
        History = new HistorySettings { Kind = HistoryKind.Sqlite, Path = Path.Combine(_folder.Path, "history.db") },
    };

    // Four samples a day for sixty days; the function gets how many days ago each was.
    private async Task RecordAsync(MaintenanceTarget target, Func<double, Dictionary<string, double>> values, string kind = SampleKinds.Metrics)
    {
        var store = _engine.History.StoreOf(target, Calls.Silent())!;
        var now = TimeProvider.System.GetUtcNow();
        for (var quarter = 240; quarter > 0; quarter--)
        {
            var at = now.AddDays(-quarter / 4.0);
            var payload = MetricSample.Write(values(quarter / 4.0).ToDictionary(pair => pair.Key, pair => SampleValue.Of(pair.Value)));
            await store.RecordAsync(new Sample(target.Name, kind, SampleResolution.Raw, at.AddMinutes(-5), TimeSpan.FromMinutes(5), payload), Token);
        }
    }

    private static async Task<double> SizeAsync(MaintenanceSandbox sandbox)
    {
        await using var connection = await SandboxDatabase.OpenAsync(sandbox);
        return await connection.ScalarAsync<long>("SELECT sum(pg_database_size(oid))::bigint FROM pg_database WHERE datconnlimit <> -2");
    }
}
