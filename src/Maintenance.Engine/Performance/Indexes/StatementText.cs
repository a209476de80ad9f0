using System.Globalization;

namespace Maintenance.Engine.Performance.Indexes;

/// <summary>
/// Makes a text of pg_stat_statements one that can be planned again. That it is a single statement is for the server to say: it prepares nothing
/// else. Pure.
/// </summary>
internal static class StatementText
{
    private static readonly HashSet<string> Plannable = new(StringComparer.OrdinalIgnoreCase) { "SELECT", "WITH", "INSERT", "UPDATE", "DELETE", "MERGE", "VALUES", "TABLE" };

    // interval '1 day' is kept as interval $1, which is no SQL. None of these words stands before a value otherwise.
    private static readonly HashSet<string> TypedLiterals = new(StringComparer.OrdinalIgnoreCase)
    {
        "INTERVAL", "DATE", "TIME", "TIMESTAMP", "TIMESTAMPTZ", "TIMETZ", "UUID", "NUMERIC", "JSON", "JSONB", "INET", "CIDR", "BYTEA", "BOOL", "BOOLEAN", "MONEY", "BIGINT", "INTEGER",
    };

    /// <summary>Whether a text begins as one does that has a plan; utility statements have none.</summary>
    public static bool HasPlan(string text) => First(text) is { } word && Plannable.Contains(word.Text);

    /// <summary>A text to prepare; null if it ends in the middle of something.</summary>
    /// <param name="text">As pg_stat_statements keeps it.</param>
    /// <param name="rowsPerCall">How many rows it returned on average, which is put where a limit is a parameter: the planner would take a tenth of all rows.</param>
    public static string? ToPrepare(string text, double? rowsPerCall)
    {
        if (SqlTokens.Read(text) is not { Count: > 0 } tokens)
        {
            return null;
        }

        var limited = rowsPerCall is null ? null : Limit(tokens);
        var result = new System.Text.StringBuilder();
        var at = 0;
        for (var index = 0; index < tokens.Count; index++)
        {
            var token = tokens[index];
            result.Append(text, at, token.Start - at);
            at = token.End;
            if (TypeAt(tokens, index) is { } type)
            {
                result.Append("CAST(").Append(Renumbered(tokens[type.Last + 1], limited)).Append(" AS ").Append(type.Name).Append(')');
                index = type.Last + 1;
                at = tokens[index].End;
            }
            else if (ArrayAt(tokens, index) is { } array)
            {
                result.Append(" IN (").AppendJoin(", ", array.Parameters.Select(parameter => Renumbered(parameter, limited))).Append(')');
                index = array.Last;
                at = tokens[index].End;
            }
            else if (token.Is("EXTRACT") && index + 3 < tokens.Count && tokens[index + 1].Kind == SqlTokenKind.Open && tokens[index + 2].Kind == SqlTokenKind.Parameter && tokens[index + 3].Is("FROM"))
            {
                // extract(epoch FROM at) is kept as extract($1 FROM at), which is no SQL either.
                result.Append("date_part(").Append(Renumbered(tokens[index + 2], limited)).Append(',');
                index += 3;
                at = tokens[index].End;
            }
            else if (token.Kind == SqlTokenKind.Parameter)
            {
                result.Append(Number(token) == limited ? Math.Max(1, Math.Ceiling(rowsPerCall!.Value)).ToString("0", CultureInfo.InvariantCulture) : Renumbered(token, limited));
            }
            else
            {
                result.Append(token.Text);
            }
        }

        return result.Append(text, at, text.Length - at).ToString();
    }

    /// <summary>
    /// Other texts to try where the server knows no operator: a constant that was added to a date was a number of days, and by its place alone would be
    /// taken for another date. First where a date is seen in the text, then wherever something is added.
    /// </summary>
    /// <param name="text">A text as <see cref="ToPrepare"/> makes it.</param>
    public static IReadOnlyList<string> WithDays(string text)
    {
        if (SqlTokens.Read(text) is not { } tokens)
        {
            return [];
        }

        var added = Enumerable.Range(1, Math.Max(0, tokens.Count - 2))
            .Where(at => tokens[at].Text is "+" or "-" && tokens[at + 1].Kind == SqlTokenKind.Parameter && (at + 2 == tokens.Count || tokens[at + 2].Kind != SqlTokenKind.Cast)
                && (tokens[at - 1].IsName || tokens[at - 1].Kind is SqlTokenKind.Close or SqlTokenKind.Parameter))
            .ToList();
        return [.. new[] { added.Where(at => IsDate(tokens, at - 1)).ToList(), added }.Where(places => places.Count > 0).Select(places => AsIntegers(text, [.. places.Select(at => tokens[at + 1])])).Distinct()];
    }

    private static bool IsDate(IReadOnlyList<SqlToken> tokens, int at) =>
        tokens[at].Is("DATE") || tokens[at].Is("CURRENT_DATE") || (tokens[at].Kind == SqlTokenKind.Close && at > 0 && tokens[at - 1].Is("DATE"));

    private static string AsIntegers(string text, IReadOnlyList<SqlToken> parameters)
    {
        var (result, at) = (new System.Text.StringBuilder(), 0);
        foreach (var parameter in parameters)
        {
            result.Append(text, at, parameter.Start - at).Append("CAST(").Append(parameter.Text).Append(" AS integer)");
            at = parameter.End;
        }

        return result.Append(text, at, text.Length - at).ToString();
    }

    /// <summary>Columns that an UPDATE sets, unquoted and as they are written.</summary>
    public static IReadOnlySet<string> Updated(string text)
    {
        var columns = new HashSet<string>(StringComparer.Ordinal);
        if (SqlTokens.Read(text) is not { } tokens)
        {
            return columns;
        }

        var (depth, setting) = (0, false);
        for (var at = 0; at + 1 < tokens.Count; at++)
        {
            var token = tokens[at];
            depth += token.Kind switch { SqlTokenKind.Open => 1, SqlTokenKind.Close => -1, _ => 0 };
            setting = depth == 0 && token.Is("SET") || (setting && !(depth == 0 && (token.Is("FROM") || token.Is("WHERE") || token.Is("RETURNING"))));
            if (setting && depth <= 1 && token.IsName && (tokens[at + 1].Text is "=" or "," or ")") && tokens[at - 1] is var before && (before.Is("SET") || before.Text is "," or "("))
            {
                columns.Add(token.Kind == SqlTokenKind.QuotedName ? token.Name : token.Text.ToLowerInvariant());
            }
        }

        return columns;
    }

    // date $1, and timestamp with time zone $1: the type, and the place of its last word.
    private static (string Name, int Last)? TypeAt(IReadOnlyList<SqlToken> tokens, int at)
    {
        if (tokens[at].Kind != SqlTokenKind.Word || !TypedLiterals.Contains(tokens[at].Text) || (at > 0 && tokens[at - 1].Kind is SqlTokenKind.Dot or SqlTokenKind.Cast))
        {
            return null;
        }

        var isZoned = at + 4 < tokens.Count && (tokens[at + 1].Is("WITH") || tokens[at + 1].Is("WITHOUT")) && tokens[at + 2].Is("TIME") && tokens[at + 3].Is("ZONE");
        var last = isZoned ? at + 3 : at;
        return last + 1 < tokens.Count && tokens[last + 1].Kind == SqlTokenKind.Parameter
            ? (string.Join(' ', Enumerable.Range(at, last - at + 1).Select(place => tokens[place].Text)), last)
            : null;
    }

    // = ANY (ARRAY[$1, $2]) of constants has lost their type, and would be a list of texts. IN ($1, $2) asks the same, and each gets the type of what
    // it is compared with.
    private static (IReadOnlyList<SqlToken> Parameters, int Last)? ArrayAt(IReadOnlyList<SqlToken> tokens, int at)
    {
        if (tokens[at].Text != "=" || at + 6 >= tokens.Count || !(tokens[at + 1].Is("ANY") || tokens[at + 1].Is("SOME")) || tokens[at + 2].Kind != SqlTokenKind.Open
            || !tokens[at + 3].Is("ARRAY") || tokens[at + 4].Text != "[")
        {
            return null;
        }

        var parameters = new List<SqlToken>();
        for (var place = at + 5; place < tokens.Count && tokens[place].Kind == SqlTokenKind.Parameter; place += 2)
        {
            parameters.Add(tokens[place]);
            if (place + 2 < tokens.Count && tokens[place + 1].Text == "]" && tokens[place + 2].Kind == SqlTokenKind.Close)
            {
                return (parameters, place + 2);
            }

            if (place + 2 >= tokens.Count || tokens[place + 1].Text != ",")
            {
                return null;
            }
        }

        return null;
    }

    private static SqlToken? First(string text) =>
        SqlTokens.Read(text)?.SkipWhile(token => token.Kind == SqlTokenKind.Open).Select(token => (SqlToken?)token).FirstOrDefault();

    // The limit of the whole statement, whose number nothing else uses. OFFSET stays: how far it goes is not known.
    private static int? Limit(IReadOnlyList<SqlToken> tokens)
    {
        var depth = 0;
        int? found = null;
        for (var at = 0; at + 1 < tokens.Count; at++)
        {
            depth += tokens[at].Kind switch { SqlTokenKind.Open => 1, SqlTokenKind.Close => -1, _ => 0 };
            if (depth == 0 && tokens[at].Is("LIMIT") && tokens[at + 1].Kind == SqlTokenKind.Parameter)
            {
                found = Number(tokens[at + 1]);
            }
        }

        return found is { } number && tokens.Count(token => token.Kind == SqlTokenKind.Parameter && Number(token) == number) == 1 ? found : null;
    }

    // Parameters have to be numbered without a gap.
    private static string Renumbered(SqlToken parameter, int? without) => Number(parameter) is { } number && number > without
        ? string.Create(CultureInfo.InvariantCulture, $"${number - 1}")
        : parameter.Text;

    private static int? Number(SqlToken parameter) => int.TryParse(parameter.Text.AsSpan(1), CultureInfo.InvariantCulture, out var number) ? number : null;
}
