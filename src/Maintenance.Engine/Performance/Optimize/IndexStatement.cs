using Maintenance.Engine.Performance.Indexes;

namespace Maintenance.Engine.Performance.Optimize;

/// <summary>What a CREATE INDEX makes, whoever wrote it and whatever the index is called. Pure.</summary>
internal static class IndexStatement
{
    /// <summary>Whether two statements make the same index. A name without a schema stands for any.</summary>
    public static bool AreSame(string? one, string? other) =>
        Read(one) is { } first && Read(other) is { } second
        && first.Table == second.Table && (first.Schema is null || second.Schema is null || first.Schema == second.Schema) && first.Held.SequenceEqual(second.Held);

    // CREATE [UNIQUE] INDEX [CONCURRENTLY] [IF NOT EXISTS] [name] ON [ONLY] [schema.]table [USING btree] (what is compared)
    private static (string? Schema, string Table, IReadOnlyList<string> Held)? Read(string? sql)
    {
        if (sql is null || SqlTokens.Read(sql) is not { Count: > 5 } tokens || !tokens[0].Is("CREATE") || !tokens[1].Is("INDEX"))
        {
            return null;
        }

        var at = Enumerable.Range(2, tokens.Count - 2).FirstOrDefault(place => tokens[place].Is("ON")) + 1;
        at += at > 1 && at < tokens.Count && tokens[at].Is("ONLY") ? 1 : 0;
        if (at < 2 || at + 1 >= tokens.Count || !tokens[at].IsName)
        {
            return null;
        }

        var (schema, table) = ((string?)null, Plain(tokens[at]));
        if (at + 2 < tokens.Count && tokens[at + 1].Kind == SqlTokenKind.Dot && tokens[at + 2].IsName)
        {
            (schema, table) = (table, Plain(tokens[at + 2]));
            at += 2;
        }

        at++;
        at += at + 1 < tokens.Count && tokens[at].Is("USING") && tokens[at + 1].Is("BTREE") ? 2 : 0;
        // The server writes names without quotes in small letters.
        static string Plain(SqlToken token) => token.Kind == SqlTokenKind.QuotedName ? token.Name : token.Kind == SqlTokenKind.Word ? token.Text.ToLowerInvariant() : token.Text;
        return (schema, table, [.. tokens.Skip(at).Where(token => token.Text != ";").Select(Plain)]);
    }
}
