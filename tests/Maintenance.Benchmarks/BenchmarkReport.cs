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
        return $"{benchmark.Name}: {benchmark.Title}{Environment.NewLine}{Environment.NewLine}{string.Join(Environment.NewLine, lines)}{Environment.NewLine}";
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
        },
        Indented);
}
