using System.Text;
using Maintenance.Engine.Security.Scan;

namespace Maintenance.EngineTests.Security.Scan;

/// <summary>Has scanners read texts.</summary>
internal static class Readings
{
    public static readonly DateTimeOffset Now = new(2026, 11, 8, 3, 0, 0, TimeSpan.Zero);

    public static ScanReading Read(Scanner scanner, string text, int? exitCode = null, string? path = null)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
        return scanner.Read(stream, exitCode is { } code ? new ScanEnd(code, "words of the scanner") : null, path ?? Path.GetTempPath());
    }

    public static IReadOnlyList<Finding> Findings(Scanner scanner, string text, int? exitCode = null, string name = "app") =>
        [.. ScanFindings.Of(scanner, name, Read(scanner, text, exitCode), Now)];
}
