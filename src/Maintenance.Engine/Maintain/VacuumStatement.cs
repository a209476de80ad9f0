using System.Globalization;

namespace Maintenance.Engine.Maintain;

/// <summary>
/// Writes VACUUM and ANALYZE for a version of the server. What the server or the table's owner has settled (INDEX_CLEANUP, PROCESS_TOAST)
/// is left to them. VERBOSE makes the server say what it did, SKIP_LOCKED makes it leave a table that is locked rather than wait.
/// </summary>
/// <param name="majorVersion">Major version of the server.</param>
/// <param name="options">What the caller wants.</param>
internal sealed class VacuumStatement(int majorVersion, VacuumOptions options)
{
    /// <summary>One VACUUM for all the tables, and one pass over the catalogue at the end (PostgreSQL 16).</summary>
    public const string DatabaseStatistics = "VACUUM (ONLY_DATABASE_STATS)";

    public const string Lock = "SHARE UPDATE EXCLUSIVE";

    public static bool HasDatabaseStatistics(int majorVersion) => majorVersion >= 16;

    /// <summary>PostgreSQL 18 can gather the statistics of a partitioned table without those of all its partitions.</summary>
    public bool CanAnalyzeWholeAlone => majorVersion >= 18;

    /// <summary>The strongest lock of a VACUUM.</summary>
    public string LockOfVacuum => options.Truncate ? $"{Lock}; ACCESS EXCLUSIVE for a moment, if nobody else wants the table, to give empty pages back" : Lock;

    public string Vacuum(string quotedName, bool analyze, bool freeze)
    {
        List<string> words = ["VERBOSE", "SKIP_LOCKED"];
        if (freeze)
        {
            words.Add("FREEZE");
        }

        if (analyze)
        {
            words.Add("ANALYZE");
        }

        words.Add(options.Truncate ? "TRUNCATE TRUE" : "TRUNCATE FALSE");
        if (options.Parallel > 1)
        {
            // The connections are the parallelism; workers on top of them would take more cores than were asked for.
            words.Add("PARALLEL 0");
        }

        if (HasDatabaseStatistics(majorVersion))
        {
            words.Add("SKIP_DATABASE_STATS");
        }

        return Text("VACUUM", words, quotedName);
    }

    // Before PostgreSQL 18 the partitions come along, and SKIP_LOCKED would leave some of them out without a word; so it waits for them,
    // no longer than lock_timeout, and says so when it was in vain.
    public string Analyze(string quotedName, bool isPartitioned) => isPartitioned && !CanAnalyzeWholeAlone
        ? Text("ANALYZE", ["VERBOSE"], quotedName)
        : Text("ANALYZE", ["VERBOSE", "SKIP_LOCKED"], isPartitioned ? $"ONLY {quotedName}" : quotedName);

    private string Text(string command, List<string> words, string quotedName)
    {
        if (options.BufferUsageLimitBytes is { } bytes && HasDatabaseStatistics(majorVersion))
        {
            words.Add(string.Create(CultureInfo.InvariantCulture, $"BUFFER_USAGE_LIMIT '{bytes / 1024} kB'"));
        }

        return $"{command} ({string.Join(", ", words)}) {quotedName}";
    }
}
