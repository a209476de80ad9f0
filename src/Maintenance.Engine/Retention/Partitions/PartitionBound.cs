namespace Maintenance.Engine.Retention;

/// <summary>The bounds of a range partition, as far as the first column of its key goes. Pure.</summary>
/// <param name="Lower">The lowest value in it, as text that PostgreSQL reads; null where it has no lower end (MINVALUE).</param>
/// <param name="Upper">Where it ends; null where it does not (MAXVALUE).</param>
/// <param name="IsUpperExact">Whether no row with the upper value itself can be in it. With more columns in the key some can, up to their own bounds.</param>
internal sealed record PartitionBound(string? Lower, string? Upper, bool IsUpperExact)
{
    private const string Minimum = "MINVALUE";
    private const string Maximum = "MAXVALUE";

    /// <summary>Reads what pg_get_expr tells of a partition; null for what is no range: DEFAULT, a list, a hash.</summary>
    public static PartitionBound? Parse(string? text)
    {
        var at = 0;
        if (text is null || !Skip(text, ref at, "FOR VALUES FROM (") || Items(text, ref at) is not { } from
            || !Skip(text, ref at, " TO (") || Items(text, ref at) is not { } to || at != text.Length)
        {
            return null;
        }

        return from[0] == Maximum || to[0] == Minimum
            ? null
            : new PartitionBound(
                from[0] == Minimum ? null : Value(from[0]),
                to[0] == Maximum ? null : Value(to[0]),
                to.Count == 1 || to[1] == Minimum);
    }

    private static bool Skip(string text, ref int at, string what)
    {
        if (string.CompareOrdinal(text, at, what, 0, what.Length) != 0)
        {
            return false;
        }

        at += what.Length;
        return true;
    }

    // Up to the parenthesis that closes; constants as the server writes them, which may hold commas and parentheses within quotes.
    private static List<string>? Items(string text, ref int at)
    {
        var items = new List<string>();
        var start = at;
        var quoted = false;
        for (; at < text.Length; at++)
        {
            if (text[at] == '\'')
            {
                quoted = !quoted;
            }
            else if (!quoted && (text[at] is ',' or ')'))
            {
                items.Add(text[start..at].Trim());
                start = at + 1;
                if (text[at] == ')')
                {
                    at++;
                    return items[0].Length > 0 ? items : null;
                }
            }
        }

        return null;
    }

    private static string Value(string item) =>
        item.Length > 1 && item[0] == '\'' && item[^1] == '\'' ? item[1..^1].Replace("''", "'", StringComparison.Ordinal) : item;
}
