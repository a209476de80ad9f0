namespace Maintenance.Engine.Configuration;

/// <summary>Finds what was probably meant.</summary>
internal static class Suggestion
{
    /// <summary>The known name nearest to a written one; null if none is near.</summary>
    public static string? For(string written, IEnumerable<string> known) => known
        .Select(name => (name, distance: Distance(written.ToUpperInvariant(), name.ToUpperInvariant())))
        .Where(candidate => candidate.distance <= Math.Max(1, candidate.name.Length / 3))
        .OrderBy(candidate => candidate.distance)
        .Select(candidate => candidate.name)
        .FirstOrDefault();

    /// <summary>A sentence that helps with an unknown name.</summary>
    public static string Sentence(string written, IReadOnlyCollection<string> known) => For(written, known) is { } name
        ? $"Did you mean \"{name}\"?"
        : $"Known are: {string.Join(", ", known)}.";

    // Levenshtein, one row at a time.
    private static int Distance(string from, string to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var substituted = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, 1 + Math.Min(row[j], row[j - 1]));
            }
        }

        return row[^1];
    }
}
