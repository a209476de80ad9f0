using System.Globalization;
using Maintenance.Engine.Analytics;
using Maintenance.Engine.Database;
using Maintenance.Engine.Performance.Samples;
using Npgsql;

namespace Maintenance.Engine.Performance.Baselines;

/// <summary>Baselines from the log of requests (guide W6): every duration is there, so percentiles are exact.</summary>
internal static class RequestLogBaselines
{
    /// <summary>So many operations have baselines of their own, the most frequent first; all are in the whole.</summary>
    public const int MostOperations = 50;

    private const int MostNames = 1000;

    private const int LongestName = 100;

    /// <summary>Reads the whole and each operation.</summary>
    /// <exception cref="MaintenanceException">InsufficientHistory: no row is left. MappingInvalid, PermissionDenied: the log cannot be read.</exception>
    public static async Task<IReadOnlyList<PerformanceBaseline>> ReadAsync(DatabaseSession session, BaselineWindow window, CancellationToken cancellationToken)
    {
        var log = await MappedTable.OpenAsync(session, TableMapping.RequestLog(session.Target.Analytics), cancellationToken);
        var (from, to) = (window.From.UtcDateTime, window.To.UtcDateTime);
        // What is personal in a name is taken out before anything is grouped by it, so that what becomes alike is measured together.
        var names = await log.QueryAsync(session, "Performance/Baselines/Sql/Operations.sql", row => row.GetString(0), cancellationToken, from, to, MostNames);
        var rows = await log.QueryAsync(
            session,
            "Performance/Baselines/Sql/Requests.sql",
            Row.Read,
            cancellationToken,
            from,
            to,
            names.ToArray(),
            names.Select(Label).ToArray(),
            window.Excluded.Select(excluded => excluded.From.UtcDateTime).ToArray(),
            window.Excluded.Select(excluded => excluded.To.UtcDateTime).ToArray(),
            MostOperations + 2);
        var all = rows[0];
        if (all.Count == 0)
        {
            throw BaselineWindow.Nothing(
                $"{log.Quoted} has no request {(names.Count > 0 ? "outside of maintenance " : "")}between {Text(window.From)} and {Text(window.To)}, so there is no baseline of it.",
                "Give a longer -Window, or find out why no request was logged.");
        }

        var hours = await log.QueryAsync(
            session,
            "Performance/Baselines/Sql/RequestHours.sql",
            ReadHour,
            cancellationToken,
            from,
            to,
            names.ToArray(),
            names.Select(Label).ToArray(),
            window.Excluded.Select(excluded => excluded.From.UtcDateTime).ToArray(),
            window.Excluded.Select(excluded => excluded.To.UtcDateTime).ToArray(),
            rows.Select(row => row.Label).OfType<string>().ToArray());
        var series = hours.ToLookup(hour => hour.Label ?? "", hour => hour.Point);
        // Rows that were deleted meanwhile make the rate too low.
        var late = all.First - window.From > (window.To - window.From) / 10 ? $"The first request of the window was at {Text(all.First!.Value)}: before that there were none, or they were deleted." : null;
        return [.. rows.Where(row => row.IsWhole || row.Label is not null).Take(MostOperations + 1).SelectMany(row => Of(row, [.. series[row.IsWhole ? "" : row.Label!]], window, late))];
    }

    /// <summary>A name of an operation as it is shown and kept: nothing personal, one line, not long.</summary>
    internal static string Label(string operation)
    {
        var text = ErrorText.Harmless(operation);
        return text.Length == 0 ? "(no name)" : text.Length > LongestName ? string.Concat(text.AsSpan(0, LongestName - 1), "…") : text;
    }

    private static IEnumerable<PerformanceBaseline> Of(Row row, List<SeriesPoint> hours, BaselineWindow window, string? late)
    {
        if (row.Mean is { } mean)
        {
            // Requests of one slow hour are not independent of each other, and every day has its slow hours: hours are what is compared.
            var rhythm = DailyRhythm.Of(hours);
            yield return Of(BaselineMetrics.ResponseTime, MetricUnit.Milliseconds, mean) with
            {
                Count = row.Timed,
                IndependentCount = rhythm?.IndependentHours is { } independent ? Math.Max(1, (long)independent) : hours.Count,
                StandardDeviation = row.Deviation,
                P50 = row.P50,
                P95 = row.P95,
                Rhythm = rhythm,
            };
        }

        if (row.Judged > 0)
        {
            var share = (double)row.Failed / row.Judged;
            yield return Of(BaselineMetrics.ErrorRate, MetricUnit.Percent, 100 * share) with
            {
                Count = row.Judged,
                Occurrences = row.Failed,
                // Each request is a 0 or a 100.
                StandardDeviation = row.Judged > 1 ? 100 * Math.Sqrt(share * (1 - share) * row.Judged / (row.Judged - 1)) : null,
            };
        }

        if (window.Remaining > TimeSpan.Zero)
        {
            yield return Of(BaselineMetrics.Throughput, MetricUnit.PerSecond, row.Count / window.Remaining.TotalSeconds) with { Count = row.Count, Note = late };
        }

        PerformanceBaseline Of(string metric, MetricUnit unit, double value) => window.Of(BaselineSource.RequestLog, metric, unit, value) with { Subject = row.IsWhole ? null : row.Label };
    }

    private static (string? Label, SeriesPoint Point) ReadHour(NpgsqlDataReader row)
    {
        var from = row.GetFieldValue<DateTimeOffset>(1);
        var (count, mean) = (row.GetInt64(2), row.GetDouble(3));
        return (row.IsDBNull(0) ? null : row.GetString(0), new SeriesPoint(from, from.AddHours(1), new SampleValue(count, mean, mean, mean, 0)));
    }

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("u", CultureInfo.InvariantCulture);

    private sealed record Row(
        bool IsWhole, string? Label, long Count, long Timed, double? Mean, double? Deviation, double? P50, double? P95, long Failed, long Judged, DateTimeOffset? First)
    {
        public static Row Read(NpgsqlDataReader row) => new(
            row.GetBoolean(0), row.IsDBNull(1) ? null : row.GetString(1), row.GetInt64(2), row.GetInt64(3), Number(row, 4), Number(row, 5), Number(row, 6), Number(row, 7),
            row.GetInt64(8), row.GetInt64(9), row.IsDBNull(10) ? null : row.GetFieldValue<DateTimeOffset>(10));

        private static double? Number(NpgsqlDataReader row, int column) => row.IsDBNull(column) || !double.IsFinite(row.GetDouble(column)) ? null : row.GetDouble(column);
    }
}
