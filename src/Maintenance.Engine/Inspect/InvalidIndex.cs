using System.Text.RegularExpressions;

namespace Maintenance.Engine.Inspect;

/// <summary>What an index that is not valid is, and what becomes of it. Pure.</summary>
internal static partial class InvalidIndex
{
    /// <summary>Judges one.</summary>
    /// <param name="index">The index.</param>
    /// <param name="twin">A valid index that is the same; null for none.</param>
    /// <param name="missing">For that of a partitioned table: the partitions without an index attached to it.</param>
    /// <param name="facts">Everything that was read.</param>
    public static (IndexVerdict Verdict, IndexAction Action, IReadOnlyList<string> Reasons) Judge(
        IndexFact index, IndexFact? twin, IReadOnlyList<string> missing, IndexFacts facts)
    {
        if (BuildOf(index, facts) is { } build)
        {
            return (IndexVerdict.Observe, IndexAction.None, [Say.Text($"It is being built right now, by process {build.ProcessId}.")]);
        }

        if (index.IsWorkedOn)
        {
            return (IndexVerdict.Observe, IndexAction.None, ["Somebody works on it right now: a session holds it locked."]);
        }

        if (!facts.SeesAll && facts.Builds.Any(other => other.TableOid == 0))
        {
            return (IndexVerdict.Observe, IndexAction.None, ["An index is being built in this database, and this role may not see which. GRANT pg_monitor to it."]);
        }

        if (index.IsPartitioned)
        {
            return (IndexVerdict.Observe, IndexAction.None,
            [
                missing.Count > 0
                    ? $"It becomes valid when each partition has an index attached to it; these have none: {string.Join(", ", missing.Take(5))}{(missing.Count > 5 ? ", …" : "")}. Create theirs CONCURRENTLY and ALTER INDEX … ATTACH PARTITION."
                    : "It becomes valid when each partition has a valid index attached to it.",
            ]);
        }

        if (IndexProtection.Bound(index).ToList() is { Count: > 0 } bound)
        {
            return (IndexVerdict.Observe, IndexAction.Rebuild, ["It is not valid: queries cannot use it. Rebuild it, it cannot be dropped.", .. bound]);
        }

        return (IndexVerdict.Drop, IndexAction.Drop, [.. Origin(index, twin), Cost(index)]);
    }

    /// <summary>True if it is not valid because somebody is at it.</summary>
    public static bool IsUnderWay(IndexFact index, IndexFacts facts) => index.IsWorkedOn || BuildOf(index, facts) is not null;

    // A build that is not concurrent does not name its index before it is done.
    private static IndexBuild? BuildOf(IndexFact index, IndexFacts facts) =>
        facts.Builds.FirstOrDefault(build => build.IndexOid == index.Oid || (build.IndexOid == 0 && build.TableOid == index.TableOid));

    private static IEnumerable<string> Origin(IndexFact index, IndexFact? twin)
    {
        // The name tells what it was meant for; whether the work is done by another index, only that index tells.
        if (Leftover().Match(index.Name) is { Success: true } match)
        {
            yield return match.Groups[1].Value == "new"
                ? "A REINDEX CONCURRENTLY was broken off before it was done, and left its new index behind."
                : "A REINDEX CONCURRENTLY was broken off after it was done, and left the old index behind.";
        }
        else
        {
            yield return twin is null && index.IsUnique
                ? "A CREATE UNIQUE INDEX CONCURRENTLY failed, most often because there are rows with equal keys. Find them, then create it anew."
                : "A CREATE INDEX CONCURRENTLY failed or was broken off. Create it anew if it is wanted.";
        }

        yield return twin is null ? "No valid index of the same columns does its work." : $"{twin.Name} is the same, valid, and does its work.";
    }

    private static string Cost(IndexFact index) => index switch
    {
        { IsReady: true, IsUnique: true } => "It is written with every change and refuses rows whose key it knows, but no query can use it.",
        { IsReady: true } => "It is written with every change, but no query can use it.",
        _ => "No query can use it; while it is there, it prevents heap-only updates of its columns.",
    };

    [GeneratedRegex(@"_cc(new|old)[0-9]*\z")]
    private static partial Regex Leftover();
}
