namespace Maintenance.Engine.Sandbox;

/// <summary>One round trip of a sample script.</summary>
/// <param name="Title">What it does, for progress.</param>
/// <param name="Sql">Its statements. A single one runs outside a transaction, several in one.</param>
/// <param name="ExpectedError">The SQLSTATE it has to fail with, or null if it has to succeed.</param>
/// <param name="Repeat">How often it runs.</param>
internal sealed record SampleStep(string Title, string Sql, string? ExpectedError, int Repeat);

/// <summary>
/// Cuts a sample script into its steps. Headings are ordinary comments (<c>-- step: Title</c>, and below them
/// <c>-- expect: SQLSTATE</c> and <c>-- repeat: N</c>), so that the files stay plain SQL that any tool can run.
/// </summary>
internal static class SampleScript
{
    private const string StepHeading = "-- step: ";
    private const string ExpectHeading = "-- expect: ";
    private const string RepeatHeading = "-- repeat: ";

    public static IReadOnlyList<SampleStep> Parse(string script)
    {
        var parts = $"\n{script.ReplaceLineEndings("\n")}".Split($"\n{StepHeading}");
        return [.. parts.Skip(1).Select(ParseStep)];
    }

    private static SampleStep ParseStep(string part)
    {
        var lines = part.Split('\n');
        // Comments in front are for readers of the file; pg_stat_statements would show them as part of the statement.
        var sql = lines.Skip(1).SkipWhile(line => line.StartsWith("--", StringComparison.Ordinal));
        return new SampleStep(
            lines[0].Trim(),
            string.Join('\n', sql).Trim(),
            ValueOf(ExpectHeading, lines),
            ValueOf(RepeatHeading, lines) is { } repeat ? int.Parse(repeat, System.Globalization.CultureInfo.InvariantCulture) : 1);
    }

    private static string? ValueOf(string heading, string[] lines) =>
        lines.FirstOrDefault(line => line.StartsWith(heading, StringComparison.Ordinal))?[heading.Length..].Trim();
}
