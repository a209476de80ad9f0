using Maintenance.Engine.Security.Audit;
using Maintenance.Engine.Security.Azure;

namespace Maintenance.Engine.Security.Ledger;

/// <summary>What the id of an acceptance can name, whatever is found. Pure.</summary>
internal static class AcceptedIds
{
    /// <summary>No check has an id that goes on like this: what names it names all that begin so.</summary>
    private const string Nonsense = "~no check is called so~";

    /// <summary>The ids that are known one by one. Of other parts only is known how ids begin.</summary>
    public static IReadOnlyList<string> Listed { get; } =
        [.. SecurityCatalogue.Checks.Select(check => check.Id), .. AzureCatalogue.Checks.Select(check => check.Id)];

    private static readonly HashSet<string> ListedBegins = new(Listed.Select(BeginOf), StringComparer.OrdinalIgnoreCase);

    private static readonly IReadOnlyList<string> OtherBegins = [.. AuditParts.Begins.Where(begin => !ListedBegins.Contains(begin))];

    /// <summary>Whether there is a check that it names.</summary>
    public static bool CanExist(string pattern) => Listed.Any(id => AcceptanceList.Matches(pattern, id)) || OtherBegins.Any(begin => MayBegin(pattern, begin));

    /// <summary>The parts of the audit whose checks it may name.</summary>
    public static IReadOnlyList<AuditPart> PartsOf(string pattern) =>
    [
        .. Listed.Where(id => AcceptanceList.Matches(pattern, id))
            .Concat(OtherBegins.Where(begin => MayBegin(pattern, begin)))
            .Select(AuditParts.Of).OfType<AuditPart>().Distinct(),
    ];

    /// <summary>Whether it may name what the audit finds in itself.</summary>
    public static bool MayBeOfAuditItself(string pattern) => MayBegin(pattern, AuditParts.Own);

    /// <summary>Whether it names every check of a part, those that nobody has thought of yet among them.</summary>
    public static bool IsWide(string pattern) => AuditParts.Begins.Any(begin => AcceptanceList.Matches(pattern, begin + Nonsense));

    private static bool MayBegin(string pattern, string begin)
    {
        var wild = pattern.AsSpan().IndexOfAny('*', '?', '\\');
        return wild < 0
            ? pattern.Length > begin.Length && pattern.StartsWith(begin, StringComparison.OrdinalIgnoreCase)
            : pattern[..wild].StartsWith(begin, StringComparison.OrdinalIgnoreCase) || begin.StartsWith(pattern[..wild], StringComparison.OrdinalIgnoreCase);
    }

    private static string BeginOf(string id) => id[..(id.IndexOf('-', StringComparison.Ordinal) + 1)];
}
