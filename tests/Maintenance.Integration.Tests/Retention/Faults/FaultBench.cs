using System.Diagnostics;
using System.Globalization;
using Maintenance.Engine;
using Maintenance.IntegrationTests.Infrastructure;
using Npgsql;

namespace Maintenance.IntegrationTests.Retention.Faults;

/// <summary>A database for one fault run: a table, where its rows go, and the table of truth.</summary>
internal sealed class FaultBench : IAsyncDisposable
{
    /// <summary>Rows with this note are on hold.</summary>
    public const string Hold = "hold";

    /// <summary>$1 id, $2 its time in seconds before now, as text; null for none, or infinite; $3 note</summary>
    public const string Insert = "WITH done AS (INSERT INTO t (id, at, v, note) VALUES ($1, time_of($2), 1, $3) RETURNING *) INSERT INTO truth (id, at, v, note) SELECT id, at, v, note FROM done";

    /// <summary>$1 id, $2 note</summary>
    public const string Change = "WITH done AS (UPDATE t SET v = v + 1, note = $2 WHERE id = $1 RETURNING *) INSERT INTO truth (id, at, v, note) SELECT id, at, v, note FROM done";

    /// <summary>$1 id, $2 as above</summary>
    public const string ChangeTime = "WITH done AS (UPDATE t SET v = v + 1, at = time_of($2) WHERE id = $1 RETURNING *) INSERT INTO truth (id, at, v, note) SELECT id, at, v, note FROM done";

    /// <summary>$1 id</summary>
    public const string Delete = "WITH done AS (DELETE FROM t WHERE id = $1 RETURNING *) INSERT INTO truth (id, at, v, note, gone) SELECT id, at, v, note, true FROM done";

    public const int AgeDays = 30;

    private const double SecondsOfDay = 86400;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly MaintenanceSandbox _sandbox;
    private readonly string _name = $"fault_{Guid.NewGuid():n}";
    private readonly TemporaryFolder _folder = new();
    private int _fills;

    private FaultBench(MaintenanceSandbox sandbox, FaultCase @case, FaultStore? store)
    {
        (_sandbox, Case, Store) = (sandbox, @case, store);
        var settings = sandbox.Target.Database!;
        var request = new FaultRequest
        {
            Host = settings.Host,
            Port = settings.Port,
            Database = _name,
            Username = sandbox.Username,
            Password = SandboxFixture.PasswordOf(sandbox),
            HistoryPath = Path.Combine(_folder.Path, "history.db"),
            Restore = @case.IsRestore,
            Verify = @case.Verify,
            AllowAccessExclusive = @case.HasDefault,
            Seed = @case.Seed,
            Policy = new RetentionPolicy
            {
                Table = "public.t",
                TimeColumn = "at",
                Age = TimeSpan.FromDays(AgeDays),
                Action = @case.Action,
                Destination = @case.Action == RetentionAction.ArchiveToTable ? "public.t_archive" : null,
                LegalHold = @case.HasHold ? $"note = '{Hold}'" : null,
                // So little that batches stay small.
                BatchTarget = TimeSpan.FromMilliseconds(1),
            },
        };
        Request = store?.Into(request) ?? request;
    }

    public FaultCase Case { get; }

    public FaultRequest Request { get; }

    /// <summary>Null where rows stay in the database.</summary>
    public FaultStore? Store { get; }

    /// <summary>The administrator, as the test.</summary>
    public NpgsqlConnection Admin { get; private set; } = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<FaultBench> CreateAsync(SandboxFixture fixture, FaultCase @case)
    {
        FaultStore? store = @case.Kind switch
        {
            FaultKind.Folder or FaultKind.RestoreFolder => new FaultFolder(),
            FaultKind.Blob => new FaultContainer(await fixture.AzuriteAsync()),
            _ => null,
        };
        var bench = new FaultBench(await fixture.PostgresAsync(@case.Major), @case, store);
        await SandboxDatabase.CreateAsync(bench._sandbox, bench._name);
        bench.Admin = await bench.OpenAsync();
        await bench.Admin.ExecuteAsync(FaultSchema.Create(@case));
        await bench.FillAsync(0, @case.Rows);
        await bench.Admin.ExecuteAsync(FaultSchema.Indexes);
        return bench;
    }

    /// <summary>Seconds before now of a row that is due.</summary>
    public static string Old(Random random) => Seconds(random, (AgeDays + 1, 90));

    /// <summary>Seconds before now of a row that becomes due during the run.</summary>
    public static string AroundCutOff(Random random) => (AgeDays * SecondsOfDay + random.Next(-5, 3)).ToString(CultureInfo.InvariantCulture);

    /// <summary>Seconds before now of a row that is not due, or has no age.</summary>
    public string? Young(Random random) => random.Next(20) switch
    {
        0 when Case.HasPlaceForAll => null,
        1 => "infinity",
        2 when Case.HasPlaceForAll => "-infinity",
        _ => Seconds(random, (0, AgeDays - 1)),
    };

    /// <summary>Another session, as an application has it.</summary>
    public async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = await SandboxDatabase.OpenAsync(_sandbox, _name);
        await connection.ExecuteAsync("SET TimeZone = 'UTC'");
        return connection;
    }

    /// <summary>Inserts rows, of which three of four are due.</summary>
    /// <param name="after">The id before the first.</param>
    /// <param name="count">How many.</param>
    public async Task FillAsync(int after, int count)
    {
        var random = new Random(Case.Seed + after);
        var number = _fills++;
        var days = FaultSchema.DaysOfFill(Case, number);
        var times = Enumerable.Range(1, count).Select(id => id % 4 == 0 ? Young(random) : Seconds(random, days)).ToArray();
        await using var connection = await OpenAsync();
        await connection.ExecuteAsync(FaultSchema.BeforeFill(Case, number));
        await using var command = new NpgsqlCommand(
            "WITH done AS (INSERT INTO t (id, at, v, note) SELECT $3 + id, time_of(before), 1, CASE WHEN id % 20 = 0 THEN $2 ELSE 'first' END FROM unnest($1) WITH ORDINALITY AS row (before, id) RETURNING *) INSERT INTO truth (id, at, v, note) SELECT id, at, v, note FROM done",
            connection);
        command.Parameters.Add(new() { Value = times });
        command.Parameters.Add(new() { Value = Hold });
        command.Parameters.Add(new() { Value = after });
        Assert.Equal(count, await command.ExecuteNonQueryAsync(Token));
    }

    /// <summary>Takes rows that are to come back, where the run that fails is one that brings them back.</summary>
    public async Task PrepareAsync()
    {
        if (Case.IsRestore)
        {
            var outcomes = await RunAsync(Request with { Restore = false });
            Assert.All(outcomes, outcome => Assert.NotEqual(StepState.Failed, outcome.State));
        }
    }

    /// <summary>The cut-off of a run that began now.</summary>
    public async Task<DateTimeOffset> CutOffAsync() => new(await Admin.ScalarAsync<DateTime>($"SELECT now() - interval '{AgeDays} days'"));

    /// <summary>An ordinary run, which begins once the one before has left its lock.</summary>
    public Task<IReadOnlyList<FaultOutcome>> RunAsync() => RunAsync(Request);

    private static async Task<IReadOnlyList<FaultOutcome>> RunAsync(FaultRequest request)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await using var engine = new MaintenanceEngine();
                return await request.RunAsync(engine, _ => ValueTask.CompletedTask, Token);
            }
            // The server has not noticed yet that nobody is there any more.
            catch (MaintenanceException exception) when (exception.Code == MaintenanceErrorCode.AlreadyRunning && Stopwatch.GetElapsedTime(began) < Patience)
            {
                await Task.Delay(20, Token);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Admin.DisposeAsync();
        await using (var admin = await SandboxDatabase.OpenAsync(_sandbox))
        {
            await using var drop = new NpgsqlCommand($"DROP DATABASE IF EXISTS {_name} WITH (FORCE)", admin);
            await drop.ExecuteNonQueryAsync(CancellationToken.None);
        }

        await (Store?.DisposeAsync() ?? ValueTask.CompletedTask);
        _folder.Dispose();
    }

    private static string Seconds(Random random, (int From, int To) days) =>
        ((days.From + random.NextDouble() * (days.To - days.From)) * SecondsOfDay).ToString("0.000000", CultureInfo.InvariantCulture);
}
