using System.Diagnostics;
using System.Globalization;
using System.Net;
using Maintenance.Engine;
using Maintenance.Engine.Sandbox;
using Npgsql;

namespace Maintenance.Benchmarks.Maintain;

/// <summary>Two million error logs of 180 days in the guide's tables, half of them past their age, made anew for each contender.</summary>
internal sealed class RetentionDatabase : IAsyncDisposable
{
    public const int Rows = 2_000_000;
    private const string Database = "retention_benchmark";

    private readonly SandboxService _sandboxes = new(TimeProvider.System);
    private readonly MaintenanceEngine _engine = new();
    private MaintenanceSandbox? _sandbox;
    private MaintenanceTarget? _target;

    public string ConnectionString { get; private set; } = "";

    /// <summary>How programs of PostgreSQL find it.</summary>
    public Dictionary<string, string> Environment { get; private set; } = [];

    /// <summary>The module's and the server's version.</summary>
    public string Version => $"{typeof(MaintenanceEngine).Assembly.GetName().Version!.ToString(3)}, PostgreSQL {_sandbox!.PostgresVersion}";

    /// <summary>The moment before which rows are past their age; the same for all.</summary>
    public DateTimeOffset CutOff { get; private set; }

    /// <summary>Starts the servers and makes the rows.</summary>
    /// <param name="name">Name of the sandbox.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <param name="azurite">Whether its archive store is in Azurite.</param>
    public async Task PrepareAsync(string name, CancellationToken cancellationToken, bool azurite = false)
    {
        _sandbox = await _sandboxes.StartAsync(new SandboxOptions { Name = name, PostgresVersion = 15, Scale = 0, Azurite = azurite, ResourcePath = Tools.SandboxResources }, SilentCall.Context, cancellationToken);
        var password = new NetworkCredential("", _sandbox.Password).Password;
        var builder = new NpgsqlConnectionStringBuilder { Host = _sandbox.Host, Port = _sandbox.Port, Database = _sandbox.Database, Username = _sandbox.Username, Password = password, CommandTimeout = 0 };
        await ExecuteAsync(builder.ConnectionString, "ALTER SYSTEM SET max_wal_size = '8GB'; ", cancellationToken);
        await ExecuteAsync(builder.ConnectionString, "ALTER SYSTEM SET autovacuum = off", cancellationToken);
        await ExecuteAsync(builder.ConnectionString, "SELECT pg_reload_conf()", cancellationToken);
        await ExecuteAsync(builder.ConnectionString, $"CREATE DATABASE {Database}", cancellationToken);
        builder.Database = Database;
        ConnectionString = builder.ConnectionString;
        Environment = new Dictionary<string, string>
        {
            ["PGHOST"] = _sandbox.Host,
            ["PGPORT"] = _sandbox.Port.ToString(CultureInfo.InvariantCulture),
            ["PGUSER"] = _sandbox.Username,
            ["PGPASSWORD"] = password,
            ["PGDATABASE"] = Database,
        };
        _target = _sandbox.Target with
        {
            Database = _sandbox.Target.Database! with { Database = Database },
            History = new HistorySettings { Path = Path.Combine(_sandbox.Path, "retention-history", "history.db") },
        };

        // The guide's two tables as the sandbox has them.
        await ExecuteAsync(
            ConnectionString,
            $$"""
            CREATE TABLE master (
                id integer NOT NULL, "timestamp" timestamptz NOT NULL DEFAULT now(),
                severity text NOT NULL CHECK (severity IN ('debug', 'info', 'warning', 'error', 'critical')),
                component text NOT NULL, message text NOT NULL, user_id uuid, request_id uuid, context jsonb NOT NULL DEFAULT '{}', resolved boolean NOT NULL DEFAULT false);
            INSERT INTO master
            SELECT n, now() - interval '180 days' + n * (interval '180 days' / {{Rows}}), 'error', 'component-' || n % 20,
                   'Upstream answered 503 after ' || n || ' ms in ' || md5(n::text), gen_random_uuid(), gen_random_uuid(),
                   jsonb_build_object('region', 'eu-central-1', 'attempt', n % 3, 'release', '2026.' || n % 24), n % 10 > 0
            FROM generate_series(1, {{Rows}}) n
            """,
            cancellationToken);
        await using var connection = await OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand("SELECT now() - interval '90 days'", connection);
        CutOff = new DateTimeOffset((DateTime)(await command.ExecuteScalarAsync(cancellationToken))!);
    }

    /// <summary>Fills the tables anew.</summary>
    public Task ResetAsync(CancellationToken cancellationToken) => ExecuteAllAsync(
        [
            "DROP TABLE IF EXISTS error_logs, error_logs_archive",
            "CREATE TABLE error_logs (LIKE master INCLUDING ALL)",
            "INSERT INTO error_logs SELECT * FROM master",
            "ALTER TABLE error_logs ADD PRIMARY KEY (id)",
            "CREATE INDEX idx_error_logs_timestamp ON error_logs (\"timestamp\")",
            "CREATE TABLE error_logs_archive (LIKE error_logs INCLUDING DEFAULTS INCLUDING CONSTRAINTS, archived_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (id))",
            "VACUUM (ANALYZE) error_logs",
            "CHECKPOINT",
        ],
        cancellationToken);

    /// <summary>The module's cut-off is taken from the server's clock: an age that leads to ours.</summary>
    public Task<RetentionResult> OursAsync(bool verify, CancellationToken cancellationToken) => OursAsync(RetentionAction.ArchiveToTable, "public.error_logs_archive", verify, cancellationToken);

    /// <summary>The same with another way to archive.</summary>
    public async Task<RetentionResult> OursAsync(RetentionAction action, string destination, bool verify, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand("SELECT now()", connection);
        var now = new DateTimeOffset((DateTime)(await command.ExecuteScalarAsync(cancellationToken))!);
        var policy = new RetentionPolicy { Table = "public.error_logs", TimeColumn = "timestamp", Age = now - CutOff, Action = action, Destination = destination };
        var options = new RetentionOptions { Policies = [policy], Verify = verify };
        var plan = await _engine.Retention.PlanAsync(_target!, options, SilentCall.Context, cancellationToken);
        RetentionResult? done = null;
        // What the cut-off lacks to that of the others, less than a second, holds no row or a few; all take the same.
        await foreach (var result in _engine.Retention.ExecuteAsync(_target!, [plan[0] with { CutOff = CutOff }], options, SilentCall.Context, cancellationToken))
        {
            done = result;
        }

        return done!;
    }

    /// <summary>Rows of both tables, and how many are in both or in none.</summary>
    public async Task<string> StateAsync(CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(
            """
            SELECT format('%s stay, %s archived, %s lost', (SELECT count(*) FROM error_logs), (SELECT count(*) FROM error_logs_archive),
                (SELECT count(*) FROM master) - (SELECT count(*) FROM error_logs) - (SELECT count(*) FROM error_logs_archive))
            """,
            connection);
        return (string)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Where the server's WAL is, in bytes.</summary>
    public async Task<long> WalAsync(CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint", connection);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>
    /// CPU time that the server's processes for this database have used so far, which other programs of the machine inflate less than the
    /// clock; null where there is no /proc.
    /// </summary>
    public async Task<TimeSpan?> CpuAsync(CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        await using var connection = await OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(
            """
            SELECT sum(ticks::bigint) * 10
            FROM pg_stat_activity
            CROSS JOIN LATERAL unnest((string_to_array(regexp_replace(pg_read_file('/proc/' || pid || '/stat', 0, 4000, true), '^.*\) ', ''), ' '))[12:13]) AS ticks
            WHERE datname = current_database()
            """,
            connection);
        return TimeSpan.FromMilliseconds((double)(decimal)(await command.ExecuteScalarAsync(cancellationToken))!);
    }

    public async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync(cancellationToken);
        return connection;
    }

    /// <summary>What the guide does: copy, then delete, by two statements of one transaction.</summary>
    public Task<string> GuideAsync(CancellationToken cancellationToken) => InTransactionAsync(
        [
            $"INSERT INTO error_logs_archive ({Columns}) SELECT {Columns} FROM error_logs WHERE \"timestamp\" < {Moment}",
            $"DELETE FROM error_logs WHERE \"timestamp\" < {Moment}",
        ],
        cancellationToken);

    /// <summary>All rows by one statement.</summary>
    public Task<string> OneStatementAsync(CancellationToken cancellationToken) => InTransactionAsync(
        [$"WITH gone AS (DELETE FROM error_logs WHERE \"timestamp\" < {Moment} RETURNING {Columns}) INSERT INTO error_logs_archive ({Columns}) SELECT {Columns} FROM gone"],
        cancellationToken);

    /// <summary>Batches of 5000 rows as they are written in many blogs.</summary>
    public async Task<string> SkipLockedAsync(CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        var sql = $"""
            WITH picked AS (SELECT id FROM error_logs WHERE "timestamp" < {Moment} ORDER BY "timestamp" LIMIT 5000 FOR UPDATE SKIP LOCKED),
                 gone AS (DELETE FROM error_logs USING picked WHERE error_logs.id = picked.id RETURNING error_logs.*)
            INSERT INTO error_logs_archive ({Columns}) SELECT {Columns} FROM gone
            """;
        await using var command = new NpgsqlCommand(sql, connection);
        await command.PrepareAsync(cancellationToken);
        var (batches, worst) = (0, TimeSpan.Zero);
        while (true)
        {
            var started = Stopwatch.GetTimestamp();
            if (await command.ExecuteNonQueryAsync(cancellationToken) == 0)
            {
                break;
            }

            batches++;
            var took = Stopwatch.GetElapsedTime(started);
            worst = took > worst ? took : worst;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{batches} batches, worst {worst.TotalMilliseconds:0} ms");
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        if (_sandbox is not null)
        {
            await _sandboxes.StopAsync(_sandbox.Id, SilentCall.Context, CancellationToken.None);
        }
    }

    private static string Columns => "id, \"timestamp\", severity, component, message, user_id, request_id, context, resolved";

    private string Moment => string.Create(CultureInfo.InvariantCulture, $"'{CutOff.UtcDateTime:yyyy-MM-dd HH:mm:ss.ffffff}+00'");

    private async Task<string> InTransactionAsync(IReadOnlyList<string> statements, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        foreach (var sql in statements)
        {
            await using var command = new NpgsqlCommand(sql, connection, transaction);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return "one transaction";
    }

    private Task ExecuteAsync(string connectionString, string sql, CancellationToken cancellationToken) => ExecuteAllAsync([sql], cancellationToken, connectionString);

    private async Task ExecuteAllAsync(IReadOnlyList<string> statements, CancellationToken cancellationToken, string? connectionString = null)
    {
        await using var connection = new NpgsqlConnection(connectionString ?? ConnectionString);
        await connection.OpenAsync(cancellationToken);
        foreach (var sql in statements)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
