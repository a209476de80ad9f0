using System.Text;
using System.Text.RegularExpressions;

namespace Maintenance.Engine.Security;

/// <summary>
/// Secrets in SQL as the server writes it: casts and parentheses stand between a name and its value there, and a value is a literal. The whole
/// literal is hidden, so that nothing of a secret is left that the detector did not see the end of.
/// </summary>
internal static partial class SqlSecrets
{
    /// <summary>Secrets in a definition or expression, each kind once.</summary>
    /// <param name="sql">The text; null is none.</param>
    public static IReadOnlyList<FoundSecret> Find(string? sql) => string.IsNullOrEmpty(sql) ? [] :
        [.. Places(sql).Where(place => place.IsSure).DistinctBy(place => place.Kind).Select(place => new FoundSecret(place.Kind, SecretDetector.Redact(sql[place.Start..place.End])))];

    /// <summary>The text, with nothing of its secrets but their length.</summary>
    /// <param name="sql">The text.</param>
    public static string Mask(string sql)
    {
        foreach (var place in Places(sql).OrderByDescending(place => place.Start))
        {
            sql = string.Concat(sql.AsSpan(0, place.Start), SecretDetector.Redact(sql[place.Start..place.End]), sql.AsSpan(place.End));
        }

        return sql;
    }

    private static List<Place> Places(string sql)
    {
        var (bare, origins, literals) = Bare(sql);
        var places = new List<Place>();
        foreach (var secret in SecretDetector.Places(bare).Concat(Named(bare)))
        {
            var (start, end) = (origins[secret.Start], origins[secret.Start + secret.Length - 1] + 1);
            var within = literals.Where(literal => literal.Start < end && start < literal.End).ToList();
            // By name alone a column or an alias would be one: SELECT password p_1. What is no SQL, such as a rule's option, has = or :.
            if (secret.Announcement is { } announcement && within.Count == 0 && announcement.TrimEnd('"', ' ') is not [.., '=' or ':'])
            {
                continue;
            }

            var isSure = secret.Announcement is null || within.Count > 0 || sql[start..end].All(char.IsAsciiDigit);
            start = within.Select(literal => literal.Start).Append(start).Min();
            end = within.Select(literal => literal.End).Append(end).Max();
            if (!places.Exists(place => start < place.End && place.Start < end))
            {
                places.Add(new Place(secret.Kind, start, end, isSure));
            }
        }

        return places;
    }

    // name = 'value' with whatever characters in it, and 'value' AS name.
    private static IEnumerable<SecretPlace> Named(string bare) =>
        from match in Compared().Matches(bare).Concat(Alias().Matches(bare))
        let value = match.Groups["v"]
        where SecretDetector.Find(match.Groups["n"].Value, value.Value).Count > 0
        select new SecretPlace($"value named {match.Groups["n"].Value.ToLowerInvariant()}", value.Index, value.Length, null);

    // Without casts, the parentheses that call nothing, and whether what a call asks for may be missing; where each character of it was; and what stands between quotes.
    private static (string Text, List<int> Origins, List<(int Start, int End)> Literals) Bare(string sql)
    {
        var (text, origins, literals, next) = (new StringBuilder(sql.Length), new List<int>(sql.Length), new List<(int, int)>(), 0);
        for (var token = Token().Match(sql); token.Success; token = token.NextMatch())
        {
            Keep(token.Index);
            if (token.Groups["literal"].Success)
            {
                literals.Add((token.Index + 1, token.Index + token.Length - 1));
            }
            else if (!token.Groups["name"].Success)
            {
                next = token.Index + token.Length;
            }
        }

        Keep(sql.Length);
        return (text.ToString(), origins, literals);

        void Keep(int end)
        {
            for (; next < end; next++)
            {
                text.Append(sql[next]);
                origins.Add(next);
            }
        }
    }

    [GeneratedRegex("""(?<literal>'(?:[^']|'')*')|(?<name>"(?:[^"]|"")*")|::(?:"(?:[^"]|"")*"|[A-Za-z_][\w$]*)(?:\.(?:"(?:[^"]|"")*"|[A-Za-z_][\w$]*))?(?: varying| precision| with(?:out)? time zone)?(?:\(\d+(?:,\d+)?\))?(?:\[\])*|(?<![\w"])\(|,\s*(?:true|false)(?=\s*\))|\)""")]
    private static partial Regex Token();

    private const string SecretName = @"(?<n>[\w.-]*(password|passwd|pwd|passphrase|secret|(access|api|auth|bearer)[_-]?token|api[_-]?key|access[_-]?key|private[_-]?key|credential)s?)";
    private const string Value = "'(?<v>(?:[^']|''){8,})'";

    [GeneratedRegex($"""{SecretName}["']?\s*(:=|=>|=|<>)\s*E?{Value}""", RegexOptions.IgnoreCase)]
    private static partial Regex Compared();

    [GeneratedRegex($"""{Value}\s+AS\s+"?{SecretName}\b""", RegexOptions.IgnoreCase)]
    private static partial Regex Alias();

    private sealed record Place(string Kind, int Start, int End, bool IsSure);
}
