using System.Text.RegularExpressions;

namespace Maintenance.Engine.Security;

/// <summary>
/// Relations that a text names. The server does not record what a function's body uses, so it is read: a name in a string or a comment counts too,
/// and one that is put together only when the body runs does not. Of several of one name that of the schema public is meant.
/// </summary>
internal sealed partial class NamedRelations
{
    private readonly Dictionary<string, RelationFacts> _byName;
    private readonly Dictionary<(string, string), RelationFacts> _bySchema;

    public NamedRelations(IEnumerable<RelationFacts> relations)
    {
        var all = relations.ToList();
        _byName = all.GroupBy(relation => relation.Name, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.OrderBy(relation => relation.Schema != "public").First(), StringComparer.Ordinal);
        _bySchema = all.ToDictionary(relation => (relation.Schema, relation.Name));
    }

    /// <summary>Each once, in the order of the text.</summary>
    public IEnumerable<RelationFacts> In(string body)
    {
        HashSet<long> seen = [];
        for (var match = Name().Match(body); match.Success; match = match.NextMatch())
        {
            var (first, second) = (Identifier(match.Groups[1].Value), Identifier(match.Groups[2].Value));
            // What is no schema's table may be a table's column.
            var relation = (second.Length > 0 ? _bySchema.GetValueOrDefault((first, second)) : null) ?? _byName.GetValueOrDefault(first);
            if (relation is not null && seen.Add(relation.Oid))
            {
                yield return relation;
            }
        }
    }

    // As the server reads it: in quotes as it stands, else in small letters.
    private static string Identifier(string text) => text is ['"', .., '"'] ? text[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal) : text.ToLowerInvariant();

    [GeneratedRegex("""("(?:[^"]|"")+"|[\p{L}_][\w$]*)(?:\s*\.\s*("(?:[^"]|"")+"|[\p{L}_][\w$]*))?""")]
    private static partial Regex Name();
}
