using Maintenance.Engine.Analytics;
using Maintenance.Engine.Database;
using Maintenance.Engine.Functions;
using Maintenance.Engine.History;
using Maintenance.Engine.Inspect;
using Npgsql;

namespace Maintenance.Engine.Performance.Samples;

/// <summary>Samples the figures of <see cref="SampledMetrics"/>, in two round trips to the server; the functions are asked meanwhile.</summary>
/// <param name="functions">Asks the functions.</param>
/// <param name="time">The clock.</param>
internal sealed class MetricSampler(FunctionService functions, TimeProvider time) : ISampler
{
    public const string SizePart = "Size and age";
    public const string SessionPart = "Sessions";
    public const string ThroughputPart = "Throughput";
    public const string StatementPart = "Statements";

    private const string Database = "database";
    private const string Statements = "statements";
    private const double SecondsOfDay = 86400;

    public string Kind => SampleKinds.Metrics;

    public TimeSpan Spacing => SampleService.Spacing;

    public async Task<Sample?> TakeAsync(SampleContext context, CancellationToken cancellationToken)
    {
        await using var requests = new RequestSampler(functions, context, time, cancellationToken);
        var (size, sessions, throughput) = (context.Part(SizePart), context.Part(SessionPart), context.Part(ThroughputPart));
        CounterReading? reading = null;
        bool? isLoaded = null;
        var batch = new FigureBatch(context.Session);
        batch.Add(size, SqlText.ReadMarked("Performance/Samples/Sql/Sizes.sql"), row => ReadSizes(row, size));
        batch.Add(
            sessions,
            SqlText.ReadMarked(context.Session.MajorVersion >= 14 ? "Performance/Samples/Sql/Sessions.14.sql" : "Performance/Samples/Sql/Sessions.13.sql"),
            row => ReadSessions(row, sessions, context.Session.User));
        batch.Add(throughput, SqlText.ReadMarked("Performance/Samples/Sql/Counters.sql"), row => reading = ReadCounters(row, context.Now));
        var statements = context.Part(StatementPart);
        batch.Add(statements, SqlText.ReadMarked("Health/Sql/StatementsSchema.sql"), row => isLoaded = row.GetBoolean(2));
        await batch.RunAsync(cancellationToken);
        if (reading is not null)
        {
            await ReadStatementsAsync(context, reading, statements, isLoaded, cancellationToken);
            Rate(context, reading, throughput, statements);
            context.State.Counters = reading;
        }

        await requests.ReadAsync(cancellationToken);
        var figures = context.Parts.SelectMany(part => part.Figures).ToDictionary(pair => pair.Key.Name, pair => SampleValue.Of(pair.Value));
        if (figures.Count == 0)
        {
            throw context.Parts.Select(part => part.Problem).OfType<MaintenanceException>().FirstOrDefault()
                ?? new MaintenanceException(MaintenanceErrorCode.DatabaseError, "Nothing could be measured.", "See the server's log.");
        }

        var from = context.Since(Kind);
        return new Sample(context.Session.Target.Name, Kind, SampleResolution.Raw, from, context.Now - from, MetricSample.Write(figures));
    }

    public string Merge(IReadOnlyList<Sample> samples) => MetricSample.Merge(samples);

    private static double? Number(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetDouble(column);

    private static void ReadSizes(NpgsqlDataReader row, SamplePart part)
    {
        part.Measure(SampledMetrics.DatabaseSize, Number(row, 1));
        part.Measure(SampledMetrics.ServerSize, Number(row, 2));
        part.Measure(SampledMetrics.XidAge, Number(row, 3));
        part.Measure(SampledMetrics.MultixactAge, Number(row, 4));
    }

    private static void ReadSessions(NpgsqlDataReader row, SamplePart part, string user)
    {
        var (used, limit) = (row.GetDouble(0), row.GetDouble(1));
        part.Measure(SampledMetrics.Connections, used);
        part.Measure(SampledMetrics.MaximumConnections, limit);
        part.Measure(SampledMetrics.ConnectionUsage, ConnectionCount.Percent(used, limit));
        part.Measure(SampledMetrics.BlockedSessions, Number(row, 6));
        if (!row.GetBoolean(2))
        {
            part.Miss(MaintenanceErrorCode.PermissionDenied, $"What sessions of other roles do is hidden from the role {user}: active and idle sessions and the oldest transaction are unknown.", $"Run as an administrator: GRANT pg_monitor TO {Quoted(user)};");
            return;
        }

        part.Measure(SampledMetrics.ActiveSessions, Number(row, 3));
        part.Measure(SampledMetrics.IdleInTransaction, Number(row, 4));
        part.Measure(SampledMetrics.OldestTransaction, Number(row, 5));
    }

    // For people, who may paste it: the server's own quoting would need a round trip.
    private static string Quoted(string name) =>
        name.All(character => char.IsAsciiLetterLower(character) || character == '_') ? name : $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static CounterReading ReadCounters(NpgsqlDataReader row, DateTimeOffset now)
    {
        var values = new Dictionary<string, double>
        {
            ["transactions"] = row.GetDouble(3),
            ["rollbacks"] = row.GetDouble(4),
            ["hit"] = row.GetDouble(5),
            ["read"] = row.GetDouble(6),
            ["deadlocks"] = row.GetDouble(7),
            ["temporary"] = row.GetDouble(8),
        };
        var reading = new CounterReading(now, row.GetFieldValue<DateTimeOffset>(1), row.GetFieldValue<DateTimeOffset>(0), new()
        {
            [Database] = new(row.IsDBNull(2) ? null : row.GetFieldValue<DateTimeOffset>(2), [.. values.Keys], values),
        });
        if (Number(row, 9) is { } position)
        {
            // Its position is kept by no statistics that could be reset.
            reading.Groups["wal"] = new(null, ["position"], new() { ["position"] = position });
        }

        return reading;
    }

    private static async Task ReadStatementsAsync(SampleContext context, CounterReading reading, SamplePart part, bool? isLoaded, CancellationToken cancellationToken)
    {
        if (isLoaded != true)
        {
            if (part.Problem is null)
            {
                part.Miss(await StatementsExtension.MissingAsync(
                    context.Session,
                    isLoaded is null ? "The extension pg_stat_statements is not installed in this database, so query times are unknown." : StatementsExtension.NotLoaded,
                    isCreated: isLoaded is not null,
                    cancellationToken));
            }

            return;
        }

        var values = new Dictionary<string, double>();
        DateTimeOffset? reset = null;
        long hidden = 0;
        var batch = new FigureBatch(context.Session);
        batch.Add(
            part,
            SqlText.ReadMarked(context.Session.MajorVersion >= 14 ? "Analytics/Sql/StatementTotals.14.sql" : "Analytics/Sql/StatementTotals.13.sql"),
            row =>
            {
                reset = row.IsDBNull(0) ? null : row.GetFieldValue<DateTimeOffset>(0);
                (values["discarded"], values[StatementCounters.Calls], values[StatementCounters.Time]) = (row.GetDouble(1), row.GetDouble(2), row.GetDouble(3));
                hidden = row.GetInt64(4);
            });
        batch.Add(
            part,
            SqlText.ReadMarked("Analytics/Sql/LongStatements.sql"),
            row => (values[$"n:{row.GetString(0)}"], values[$"t:{row.GetString(0)}"]) = (row.GetDouble(1), row.GetDouble(2)),
            context.Session.Target.Performance.SlowQuery.TotalMilliseconds);
        await batch.RunAsync(cancellationToken);
        if (hidden > 0)
        {
            part.Miss(MaintenanceErrorCode.PermissionDenied, FormattableString.Invariant($"{hidden} statements of other roles are hidden from this one, so how many are slow is unknown."), $"Run as an administrator: GRANT pg_monitor TO {Quoted(context.Session.User)};");
        }

        if (values.ContainsKey(StatementCounters.Calls))
        {
            reading.Groups[Statements] = new(reset, [StatementCounters.Calls, StatementCounters.Time, "discarded"], values);
        }
    }

    private static void Rate(SampleContext context, CounterReading reading, SamplePart throughput, SamplePart statements)
    {
        var before = context.State.Counters;
        var (elapsed, gap) = reading.Since(before);
        if (gap is not null)
        {
            throughput.Later = gap;
            // What is not counted does not come with the next run either.
            statements.Later = reading.Groups.ContainsKey(Statements) ? gap : null;
            return;
        }

        var seconds = elapsed.TotalSeconds;
        var (counted, reason) = reading.Counted(Database, before!);
        throughput.Later = reason;
        if (counted is not null)
        {
            throughput.Measure(SampledMetrics.Transactions, counted["transactions"] / seconds);
            throughput.Measure(SampledMetrics.Rollbacks, counted["rollbacks"] / seconds);
            throughput.Measure(SampledMetrics.BlocksRead, counted["read"] / seconds);
            throughput.Measure(SampledMetrics.CacheHit, counted["hit"] + counted["read"] is > 0 and var asked ? 100 * counted["hit"] / asked : null);
            throughput.Measure(SampledMetrics.Deadlocks, counted["deadlocks"] / seconds * SecondsOfDay);
            throughput.Measure(SampledMetrics.TemporaryBytes, counted["temporary"] / seconds * SecondsOfDay);
        }

        throughput.Measure(SampledMetrics.WalBytes, reading.Counted("wal", before!).Counted?["position"] / seconds);
        if (!reading.Groups.ContainsKey(Statements))
        {
            return;
        }

        (counted, statements.Later) = reading.Counted(Statements, before!);
        if (counted is null)
        {
            return;
        }

        if (counted["discarded"] > 0)
        {
            statements.Later = "pg_stat_statements discarded statements for want of room, so what it counted is incomplete. Raise pg_stat_statements.max.";
            return;
        }

        statements.Measure(SampledMetrics.Calls, counted[StatementCounters.Calls] / seconds);
        statements.Measure(SampledMetrics.QueryTime, StatementCounters.Average(counted));
        if (statements.Problem is null)
        {
            var limit = context.Session.Target.Performance.SlowQuery.TotalMilliseconds;
            statements.Measure(SampledMetrics.SlowQueries, counted.Count(pair => pair.Key.StartsWith("t:", StringComparison.Ordinal)
                && counted.GetValueOrDefault($"n:{pair.Key[2..]}") is > 0 and var calls && pair.Value / calls > limit));
        }
    }
}
