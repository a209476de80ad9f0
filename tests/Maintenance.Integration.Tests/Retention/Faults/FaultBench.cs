using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Maintenance.Engine;
using Maintenance.Engine.Retention;
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

    private const int AgeDays = 30;
    private const string Worker = "Maintenance/Invoke-DbRetention";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly string Runner = typeof(FaultBench).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "FaultRunner").Value!;

    private readonly MaintenanceSandbox _sandbox;
    private readonly string _name;
    private readonly TemporaryFolder _folder = new();

    private FaultBench(MaintenanceSandbox sandbox, FaultCase @case)
    {
        (_sandbox, Case) = (sandbox, @case);
        _name = $"fault_{Guid.NewGuid():n}";
        var settings = sandbox.Target.Database!;
        Request = new FaultRequest
        {
            Host = settings.Host,
            Port = settings.Port,
            Database = _name,
            Username = sandbox.Username,
            Password = SandboxFixture.PasswordOf(sandbox),
            HistoryPath = Path.Combine(_folder.Path, "history.db"),
            Verify = @case.Verify,
            Seed = @case.Seed,
            Policy = new RetentionPolicy
            {
                Table = "public.t",
                TimeColumn = "at",
                Age = TimeSpan.FromDays(AgeDays),
                Action = @case.Kind == FaultKind.Delete ? RetentionAction.Delete : RetentionAction.ArchiveToTable,
                Destination = @case.Kind == FaultKind.Table ? "public.t_archive" : null,
                LegalHold = @case.HasHold ? $"note = '{Hold}'" : null,
                // So little that batches stay small.
                BatchTarget = TimeSpan.FromMilliseconds(1),
            },
        };
    }

    public FaultCase Case { get; }

    public FaultRequest Request { get; }

    /// <summary>The administrator, as the test.</summary>
    public NpgsqlConnection Admin { get; private set; } = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Seconds before now of a row that is due.</summary>
    public static string? Old(Random random) => Seconds(random, AgeDays + 1, 90);

    /// <summary>Seconds before now of a row that is not due, or has no age.</summary>
    public static string? Young(Random random) => random.Next(20) switch
    {
        0 => null,
        1 => "infinity",
        2 => "-infinity",
        _ => Seconds(random, 0, AgeDays - 1),
    };

    /// <summary>Seconds before now of a row that becomes due during the run.</summary>
    public static string AroundCutOff(Random random) => (AgeDays * 86400.0 + random.Next(-5, 3)).ToString(CultureInfo.InvariantCulture);

    public static async Task<FaultBench> CreateAsync(SandboxFixture fixture, FaultCase @case)
    {
        var bench = new FaultBench(await fixture.PostgresAsync(@case.Major), @case);
        await SandboxDatabase.CreateAsync(bench._sandbox, bench._name);
        bench.Admin = await bench.OpenAsync();
        await bench.Admin.ExecuteAsync($"""
            CREATE TABLE t (id bigint NOT NULL, at {@case.TimeType}, v int NOT NULL, note text);
            CREATE TABLE t_archive (LIKE t);
            CREATE TABLE truth (seq bigserial PRIMARY KEY, id bigint NOT NULL, at {@case.TimeType}, v int NOT NULL, note text, gone boolean NOT NULL DEFAULT false);
            CREATE FUNCTION time_of(before text) RETURNS {@case.TimeType} LANGUAGE sql RETURN
                CASE WHEN before LIKE '%infinity' THEN before::{@case.TimeType} ELSE (clock_timestamp() - make_interval(secs => before::double precision))::{@case.TimeType} END;
            """);
        await bench.FillAsync(0, @case.Rows);
        await bench.Admin.ExecuteAsync("CREATE INDEX ON t (at); CREATE INDEX ON t (id); CREATE INDEX ON truth (id, seq); ANALYZE t");
        return bench;
    }

    /// <summary>Another session, as an application has it.</summary>
    public async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = await SandboxDatabase.OpenAsync(_sandbox, _name);
        await connection.ExecuteAsync("SET TimeZone = 'UTC'");
        return connection;
    }

    public static async Task<int> RunAsync(NpgsqlConnection connection, string sql, params object?[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(parameter is null ? new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text } : new NpgsqlParameter { Value = parameter });
        }

        return await command.ExecuteNonQueryAsync();
    }

    /// <summary>Inserts rows, of which three of four are due.</summary>
    /// <param name="after">The id before the first.</param>
    /// <param name="count">How many.</param>
    public async Task FillAsync(int after, int count)
    {
        var random = new Random(Case.Seed + after);
        var times = Enumerable.Range(1, count).Select(id => id % 4 == 0 ? Young(random) : Old(random)).ToArray();
        await using var connection = await OpenAsync();
        await using var command = new NpgsqlCommand(
            "WITH done AS (INSERT INTO t (id, at, v, note) SELECT $3 + id, time_of(before), 1, CASE WHEN id % 20 = 0 THEN $2 ELSE 'first' END FROM unnest($1) WITH ORDINALITY AS row (before, id) RETURNING *) INSERT INTO truth (id, at, v, note) SELECT id, at, v, note FROM done",
            connection);
        command.Parameters.Add(new() { Value = times });
        command.Parameters.Add(new() { Value = Hold });
        command.Parameters.Add(new() { Value = after });
        Assert.Equal(count, await command.ExecuteNonQueryAsync(Token));
    }

    /// <summary>Lets a run begin, and fail; one that comes to its end before that is followed by others, which have more to do and fail earlier.</summary>
    /// <returns>How many runs it took; null if none of them failed.</returns>
    public async Task<int?> FailAsync(Writers writers)
    {
        for (var attempt = 0; attempt < 6; attempt++)
        {
            var (occurrence, delay) = (Math.Max(1, Case.Occurrence - 2 * attempt), Case.Delay / (1 + attempt));
            if (Case.Event is FaultEvent.ProcessAtStep or FaultEvent.ProcessAtAnyTime ? await KillProcessAsync(occurrence, delay) : await KillSessionAsync(occurrence, delay))
            {
                return attempt + 1;
            }

            await writers.AddAsync(this, Case.Rows);
        }

        return null;
    }

    /// <summary>An ordinary run, which begins once the one before has left its lock.</summary>
    public async Task<RetentionResult> RunAsync()
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await using var engine = new MaintenanceEngine();
                return Assert.Single(await Request.RunAsync(engine, _ => ValueTask.CompletedTask, Token));
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

        _folder.Dispose();
    }

    private static string Seconds(Random random, int fromDays, int toDays) =>
        (fromDays * 86400.0 + random.NextDouble() * (toDays - fromDays) * 86400.0).ToString("0.000000", CultureInfo.InvariantCulture);

    private async Task<bool> KillProcessAsync(int occurrence, TimeSpan delay)
    {
        var request = Case.Event == FaultEvent.ProcessAtStep ? Request with { Point = Case.Point, Occurrence = occurrence } : Request;
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Runner]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        try
        {
            await process.StandardInput.WriteAsync(JsonSerializer.Serialize(request));
            process.StandardInput.Close();
            var first = await process.StandardOutput.ReadLineAsync(Token);
            if (Case.Event == FaultEvent.ProcessAtAnyTime && first == "begun")
            {
                await Task.Delay(delay, Token);
                process.Kill();
            }

            var rest = await process.StandardOutput.ReadToEndAsync(Token);
            await process.WaitForExitAsync(Token);
            Assert.True(process.ExitCode is 0 or 137, $"The process ended with {process.ExitCode}: {first} {rest}");
            return process.ExitCode != 0;
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }

    private async Task<bool> KillSessionAsync(int occurrence, TimeSpan delay)
    {
        var reached = 0;
        var killed = 0;
        Task? second = null;
        await using var killer = await OpenAsync();
        async Task KillAsync(string application)
        {
            await using var command = new NpgsqlCommand("SELECT count(*) FILTER (WHERE pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1", killer);
            command.Parameters.Add(new() { Value = application });
            killed += (int)(long)(await command.ExecuteScalarAsync(CancellationToken.None))!;
        }

        async ValueTask ReachedAsync(FaultPoint point)
        {
            if ((Case.Point is null || point == Case.Point) && ++reached == (Case.Event == FaultEvent.WorkerAtAnyTime ? 1 : occurrence))
            {
                switch (Case.Event)
                {
                    case FaultEvent.WorkerAtStep:
                        await KillAsync(Worker);
                        break;
                    case FaultEvent.WorkerAtAnyTime:
                        second = LaterAsync();
                        break;
                    case FaultEvent.LockAndSecondRun:
                        await KillAsync($"{Worker} lock");
                        second = RunAsync();
                        break;
                    default:
                        await KillAsync($"{Worker} watchdog");
                        break;
                }
            }
        }

        async Task LaterAsync()
        {
            await Task.Delay(delay);
            await KillAsync(Worker);
        }

        try
        {
            await using var engine = new MaintenanceEngine();
            await Request.RunAsync(engine, ReachedAsync, Token);
        }
        catch (MaintenanceException exception) when (exception.Code == MaintenanceErrorCode.DatabaseUnreachable)
        {
            // The lock is gone.
        }

        await (second ?? Task.CompletedTask);
        return killed > 0;
    }
}
