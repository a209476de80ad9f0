using System.ComponentModel;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Maintenance.Engine.Programs;

/// <summary>PostgreSQL's programs in one folder.</summary>
/// <param name="BinPath">The folder.</param>
/// <param name="Version">Their version, such as 15.18.</param>
internal sealed partial record PostgresInstallation(string BinPath, Version Version)
{
    private static readonly string[] ServerPrograms = ["initdb", "pg_ctl", "postgres"];

    /// <summary>The part of the version that counts: 15 of 15.18.</summary>
    public int Major => Version.Major;

    /// <summary>Which of the programs that a server needs are not in a folder.</summary>
    /// <param name="folder">The folder.</param>
    public static IReadOnlyList<string> MissingFrom(string folder) =>
        [.. ServerPrograms.Where(program => SearchPath.InFolder(folder, program) is null)];

    /// <summary>What is installed in a folder; null if a server cannot be run from there.</summary>
    /// <param name="folder">The folder, or one with links into it.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    public static async Task<PostgresInstallation?> AtAsync(string folder, CancellationToken cancellationToken)
    {
        if (SearchPath.InFolder(folder, "initdb") is not { } initdb || Path.GetDirectoryName(initdb) is not { } real || MissingFrom(real).Count > 0)
        {
            return null;
        }

        return await VersionOfAsync(Path.Combine(real, "postgres"), cancellationToken) is { } version
            ? new PostgresInstallation(real, version)
            : null;
    }

    /// <summary>Asks one of PostgreSQL's programs for its version; null if it does not tell.</summary>
    /// <param name="program">The program.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<Version?> VersionOfAsync(string program, CancellationToken cancellationToken)
    {
        try
        {
            var result = await new ProgramCall(program, ["--version"], Path.GetDirectoryName(program)!).RunAsync(cancellationToken);
            return result.ExitCode == 0 ? ParseVersion(result.Output) : null;
        }
        catch (Win32Exception)
        {
            // Made for another processor or system, or not executable.
            return null;
        }
    }

    /// <summary>Reads <c>postgres (PostgreSQL) 15.18 (Debian …)</c>; a beta such as 19beta1 counts as 19.0.</summary>
    /// <param name="text">What the program said.</param>
    internal static Version? ParseVersion(string text) => VersionText().Match(text) is { Success: true } match
        ? new Version(Number(match.Groups[1].ValueSpan), match.Groups[2].Success ? Number(match.Groups[2].ValueSpan) : 0)
        : null;

    private static int Number(ReadOnlySpan<char> digits) => int.Parse(digits, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\(PostgreSQL\) (\d{1,4})(?:\.(\d{1,4}))?")]
    private static partial Regex VersionText();
}
