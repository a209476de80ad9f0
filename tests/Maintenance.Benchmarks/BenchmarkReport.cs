using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Maintenance.Benchmarks;

/// <summary>Shows what was measured: a table for people, and the same as JSON.</summary>
internal static class BenchmarkReport
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>The table. The ratio says how many times as long as the first contender the others took.</summary>
    public static string Table(IBenchmark benchmark, IReadOnlyList<Measurement> measurements)
    {
        var first = measurements[0].MedianMilliseconds;
        string[][] rows =
        [
            ["contender", "median", "ratio", "notes", "version"],
            .. measurements.Select(measurement => new[]
            {
                measurement.Name,
                measurement.MedianMilliseconds is { } median ? median.ToString("0.0 ms", CultureInfo.InvariantCulture) : "missing",
                (measurement.MedianMilliseconds / first)?.ToString("0.00", CultureInfo.InvariantCulture) ?? "",
                measurement.Times.Count > 0 ? measurement.Note : "",
                measurement.Version,
            }),
        ];
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        var lines = rows.Select(row => string.Join("  ", row.Select((cell, column) => column is 1 or 2 ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]))).TrimEnd());
        return string.Join(
            Environment.NewLine,
            [$"{benchmark.Name}: {benchmark.Title}", "", .. lines, "", .. benchmark.Goals.Select(goal => Text(goal, Reached(goal, measurements))), ""]);
    }

    /// <summary>The same as JSON.</summary>
    public static string Json(IBenchmark benchmark, IReadOnlyList<Measurement> measurements, DateTimeOffset now) => JsonSerializer.Serialize(
        new
        {
            benchmark.Name,
            benchmark.Title,
            At = now,
            Runtime = RuntimeInformation.FrameworkDescription,
            System = RuntimeInformation.OSDescription,
            Processors = Environment.ProcessorCount,
            Contenders = measurements.Select(measurement => new
            {
                measurement.Name,
                measurement.Version,
                Missing = measurement.Times.Count == 0,
                measurement.MedianMilliseconds,
                RatioToFirst = measurement.MedianMilliseconds / measurements[0].MedianMilliseconds,
                Milliseconds = measurement.Times.Select(time => time.TotalMilliseconds),
                measurement.Note,
            }),
            Goals = benchmark.Goals.Select(goal => new { goal.Contender, goal.Peer, goal.AtMost, Reached = Reached(goal, measurements) }),
        },
        Indented);

    /// <summary>What the contender came to, in the unit of the goal; null if somebody is missing.</summary>
    private static double? Reached(Goal goal, IReadOnlyList<Measurement> measurements)
    {
        double? Median(string name) => measurements.Single(measurement => measurement.Name == name).MedianMilliseconds;
        return goal.Peer is null ? Median(goal.Contender) : Median(goal.Contender) / Median(goal.Peer);
    }

    private static string Text(Goal goal, double? reached) => string.Create(
        CultureInfo.InvariantCulture,
        $"target: {goal.Contender}, at most {goal.AtMost:0.##}{(goal.Peer is null ? " ms" : $" x {goal.Peer}")}: {reached switch
        {
            null => "cannot be told, something is missing",
            { } value when goal.Peer is null => $"{value:0.0} ms, {Verdict(goal, value)}",
            { } value => $"{value:0.000}, {Verdict(goal, value)}",
        }}");

    private static string Verdict(Goal goal, double reached) => reached <= goal.AtMost ? "reached" : "not reached";
}
