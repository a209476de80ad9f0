using System.Text.RegularExpressions;

namespace Maintenance.Engine.Performance.Optimize;

/// <summary>
/// Whether a statement of somebody else is a query, and may be executed to measure it. Whose functions that would run is for
/// <see cref="Planning.PlanningGuard"/> to find out. Pure.
/// </summary>
internal static partial class ReadOnlyRule
{
    // Nodes that change, lock, or reach beyond this database.
    private static readonly Dictionary<string, string> Never = new()
    {
        ["ModifyTable"] = "it writes",
        ["LockRows"] = "it locks rows",
        ["Foreign Scan"] = "it reads a foreign table",
        ["Custom Scan"] = "its plan has a custom scan, of which nothing is known",
    };

    // Volatile, and harmless all the same.
    private static readonly HashSet<string> Harmless = new(StringComparer.Ordinal) { "random", "clock_timestamp", "timeofday", "gen_random_uuid", "uuid_generate_v4" };

    /// <summary>Names that are called in texts.</summary>
    /// <param name="texts">A statement, or the expressions of its plan.</param>
    public static IReadOnlySet<string> Names(IEnumerable<string> texts)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var match in texts.SelectMany(text => Call().Matches(text)))
        {
            names.Add(match.Groups["quoted"].Success
                ? match.Groups["quoted"].Value.Replace("\"\"", "\"", StringComparison.Ordinal)
                : match.Groups["name"].Value.ToLowerInvariant());
        }

        return names;
    }

    /// <summary>Why a statement may not even be planned; null if it may.</summary>
    public static string? WhyNotPlanned(string text) =>
        FirstWord().Match(text).Groups["word"].Value.ToUpperInvariant() is "SELECT" or "WITH" or "VALUES" or "TABLE" or "INSERT" or "UPDATE" or "DELETE" or "MERGE"
            ? null
            : "it is no query";

    /// <summary>Why a statement may not be executed; null if it may.</summary>
    /// <param name="text">The statement.</param>
    /// <param name="plan">Its plan.</param>
    /// <param name="called">Names of volatile functions and operators that it may call.</param>
    public static string? WhyNotExecuted(string text, PlanTree plan, IReadOnlyList<string> called)
    {
        if (FirstWord().Match(text).Groups["word"].Value.ToUpperInvariant() is not ("SELECT" or "WITH" or "VALUES" or "TABLE"))
        {
            return "it writes";
        }

        if (plan.Nodes.FirstOrDefault(Never.ContainsKey) is { } node)
        {
            return Never[node];
        }

        return WhyNotPlanned(text) ?? (called.FirstOrDefault(name => !Harmless.Contains(name)) is { } first
            ? $"it may call {first}, which may change something"
            : null);
    }

    [GeneratedRegex("""(?:"(?<quoted>(?:[^"]|"")+)"|(?<name>[\p{L}_][\p{L}\p{Nd}_$]*))\s*\(""")]
    private static partial Regex Call();

    // Comments and parentheses may come first.
    [GeneratedRegex(@"\A(?:\s|\(|--[^\n]*(?:\n|\z)|/\*.*?\*/)*(?<word>\w+)", RegexOptions.Singleline)]
    private static partial Regex FirstWord();
}
