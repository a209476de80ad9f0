using System.Text.RegularExpressions;

namespace Maintenance.Engine.Security.Rows;

/// <summary>
/// Whether reading a relation may do what a rollback does not undo. Policies and views call functions, and those call others: all that
/// can be named are looked at, by their words. A word in a comment counts: it is better not to try than to do harm.
/// </summary>
internal sealed partial class SideEffects(IReadOnlyList<RowRelation> relations, IReadOnlyList<RowFunction> functions)
{
    // Random values and salts: volatile, but only a result.
    [GeneratedRegex("^(uuid_generate_|gen_random_|gen_salt)")]
    private static partial Regex HarmlessName();

    // What reaches past the transaction, or past the role that was taken on.
    [GeneratedRegex(@"\b(set_config|execute|dblink\w*|http_\w+|lo_\w+|pg_(try_)?advisory\w*|pg_terminate_backend|pg_cancel_backend|pg_read_\w+|pg_ls_\w+|pg_stat_\w*reset\w*|pg_stat_file|pg_logical_emit_message|pg_reload_conf|pg_switch_wal|pg_sleep\w*)\b|\b(set|reset)\s+(local\s+|session\s+)?(role|session)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Reaching();

    // What a read-only transaction refuses, and one that is rolled back does not all undo.
    [GeneratedRegex(@"\b(nextval|setval|insert|update|delete|merge|truncate|notify|pg_notify|copy|create|alter|drop)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Writing();

    [GeneratedRegex(@"[\p{L}_][\p{L}\p{N}_$]*")]
    private static partial Regex Word();

    private readonly Dictionary<long, RowRelation> _relations = relations.ToDictionary(relation => relation.Oid);
    private readonly Dictionary<long, RowFunction> _functions = functions.ToDictionary(function => function.Oid);
    private readonly ILookup<string, long> _named = relations.Select(relation => (relation.Name, relation.Oid))
        .Concat(functions.Select(function => (function.Name, function.Oid)))
        .ToLookup(item => item.Name, item => item.Oid, StringComparer.OrdinalIgnoreCase);
    private readonly (string Quoted, long Oid)[] _odd = [.. relations.Select(relation => (relation.Name, relation.Oid)).Concat(functions.Select(function => (function.Name, function.Oid)))
        .Where(item => Word().Match(item.Name).Value != item.Name)
        .Select(item => ($"\"{item.Name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"", item.Oid))];

    /// <summary>Why a relation must not be tried.</summary>
    /// <param name="start">The relation.</param>
    /// <param name="writing">In a transaction that could write.</param>
    /// <returns>The reason; null if it may.</returns>
    public string? Of(RowRelation start, bool writing)
    {
        var seen = new HashSet<long> { start.Oid };
        var next = new Queue<long>(seen);
        while (next.TryDequeue(out var oid))
        {
            var (text, body, uses) = (_relations.GetValueOrDefault(oid), _functions.GetValueOrDefault(oid)) switch
            {
                ({ } relation, _) => (relation.Text, relation.Text, relation.Uses),
                (_, { } function) => (function.Text, Body(function.Text), []),
                _ => ("", "", []),
            };
            var what = _functions.TryGetValue(oid, out var called) ? $"the function {called.Name}" : $"{_relations.GetValueOrDefault(oid)?.Quoted}";
            if (called is { IsTrusted: false, Language: not ("c" or "internal") } or { Language: "c", IsVolatile: true } && !HarmlessName().IsMatch(called!.Name))
            {
                return $"it calls {what}, written in {called.Language}, which can do what no rollback undoes";
            }

            if (Reaching().Match(text) is { Success: true } reach)
            {
                return $"{what} says {reach.Value}, which a rollback may not undo";
            }

            if (writing && Writing().Match(body) is { Success: true } write)
            {
                return $"{what} says {write.Value}: it may write when it is called";
            }

            foreach (var other in uses.Concat(Word().Matches(body).SelectMany(word => _named[word.Value])).Concat(_odd.Where(item => body.Contains(item.Quoted, StringComparison.Ordinal)).Select(item => item.Oid)).Where(seen.Add))
            {
                next.Enqueue(other);
            }
        }

        return null;
    }

    // Its definition begins with CREATE, which says nothing.
    private static string Body(string definition) => Regex.Replace(definition, @"\A\s*CREATE OR REPLACE", "", RegexOptions.None, TimeSpan.FromSeconds(1));
}
