namespace Maintenance.Engine.Performance.Indexes;

/// <summary>
/// Reads conditions as PostgreSQL writes them in its plans with VERBOSE: columns with their relation, each operation in parentheses. What it
/// does not understand becomes <see cref="ConditionKind.Other"/>, never a guess. Pure.
/// </summary>
internal static class ConditionReader
{
    private static readonly HashSet<string> Comparisons = ["=", "<", ">", "<=", ">="];

    // Operators on jsonb that are immutable; others would each have to be looked up.
    private static readonly HashSet<string> IndexableOperators = ["->", "->>", "#>", "#>>"];

    /// <summary>The conditions that all have to hold.</summary>
    public static IReadOnlyList<Condition> Read(string? text) =>
        text is null || SqlTokens.Read(text) is not { } tokens ? [] : [.. Conjuncts(new Span(text, tokens, 0, tokens.Count))];

    /// <summary>A key of a sort, such as <c>t.created_at DESC NULLS LAST</c>.</summary>
    public static SortKey ReadSortKey(string text)
    {
        var tokens = SqlTokens.Read(text) ?? [];
        var end = tokens.Count;
        bool? nulls = null;
        var descending = false;
        if (end >= 2 && tokens[end - 2].Is("NULLS"))
        {
            nulls = tokens[end - 1].Is("FIRST");
            end -= 2;
        }

        if (end >= 1 && (tokens[end - 1].Is("DESC") || tokens[end - 1].Is("ASC")))
        {
            descending = tokens[end - 1].Is("DESC");
            end--;
        }

        // COLLATE and USING are orders that an ordinary index does not have.
        return new SortKey(ReadTerm(new Span(text, tokens, 0, end)), descending, nulls ?? descending);
    }

    /// <summary>A column or expression; null if it is neither.</summary>
    public static Term? ReadTerm(string text) => SqlTokens.Read(text) is { } tokens ? ReadTerm(new Span(text, tokens, 0, tokens.Count)) : null;

    /// <summary>An expression without the parentheses around all of it.</summary>
    public static string Bare(string text) => SqlTokens.Read(text) is { } tokens ? new Span(text, tokens, 0, tokens.Count).Bare().Text : text;

    /// <summary>
    /// The comparisons of a column or expression with parameters, or with what a subquery returned, wherever they stand. The whole side is the
    /// column or expression: <c>lower(t.c) = $1</c> compares no column.
    /// </summary>
    public static IEnumerable<ValueComparison> ReadComparisons(string text)
    {
        if (SqlTokens.Read(text) is not { } tokens)
        {
            yield break;
        }

        var all = new Span(text, tokens, 0, tokens.Count);
        for (var at = 1; at < all.Count - 1; at++)
        {
            if (all[at].Kind == SqlTokenKind.Operator && (all[at].Text == "<>" || Comparisons.Contains(all[at].Text)))
            {
                var (from, to) = all.Around(at);
                var (left, right) = (all.From(from).Until(at - from), all.From(at + 1).Until(to - at - 1));
                if (Values(right) is { } values && (all[at].Text == "=" || values is { IsList: false, IsWholeList: false }) && ReadTerm(left) is { } term)
                {
                    yield return values with { Term = term, Operator = all[at].Text };
                }
                else if (Values(left) is { IsList: false } before && ReadTerm(right) is { } after)
                {
                    yield return before with { Term = after, Operator = all[at].Text, IsValueFirst = true };
                }
            }
        }
    }

    private static readonly ValueComparison Nothing = new(new Term("", null, null, null), "", []);

    private static ValueComparison? Values(Span span)
    {
        var bare = span.WithoutCast();
        if (bare is { Count: 1 } && bare[0].Kind == SqlTokenKind.Parameter)
        {
            return Nothing with { Parameters = [Number(bare[0])] };
        }

        // (InitPlan 1).col1, as PostgreSQL 17 and later write it.
        if (bare.Count == 6 && bare[0].Kind == SqlTokenKind.Open && bare[1].Is("InitPlan") && bare[5].Text == "col1")
        {
            return Nothing with { SubPlan = $"{bare[1].Text} {bare[2].Text}" };
        }

        if (bare.Count < 2 || !bare[0].Is("ANY"))
        {
            return null;
        }

        var list = bare.From(1).WithoutCast();
        if (list is { Count: 1 } && list[0].Kind == SqlTokenKind.Parameter)
        {
            return Nothing with { Parameters = [Number(list[0])], IsWholeList = true };
        }

        if (list.Count < 4 || !list[0].Is("ARRAY") || list[1].Text != "[")
        {
            return null;
        }

        var items = list.From(2).Until(list.Count - 3).Split(",").Select(item => item.WithoutCast()).ToList();
        return Nothing with { Parameters = [.. items.Where(item => item.Count == 1 && item[0].Kind == SqlTokenKind.Parameter).Select(item => Number(item[0]))], IsList = true };
    }

    private static int Number(SqlToken parameter) => int.Parse(parameter.Text.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture);

    private static IEnumerable<Condition> Conjuncts(Span span)
    {
        span = span.Bare();
        var parts = span.Split("AND");
        return parts.Count > 1 ? parts.SelectMany(Conjuncts) : [One(span)];
    }

    private static Condition One(Span span)
    {
        var arms = span.Split("OR");
        if (arms.Count > 1)
        {
            return Or(span, [.. arms.Select(arm => (IReadOnlyList<Condition>)[.. Conjuncts(arm)])]);
        }

        if (span.Count > 0 && span[0].Is("NOT"))
        {
            return ReadTerm(span.From(1)) is { Sql: null, Cast: null } denied ? Make(ConditionKind.IsFalse, denied, span) : Make(ConditionKind.Other, null, span);
        }

        if (Null(span) is { } asksForNull)
        {
            return asksForNull;
        }

        for (var at = 1; at < span.Count - 1; at++)
        {
            if (span[at].Kind == SqlTokenKind.Operator && span.Depth(at) == 0)
            {
                return Comparison(span, at);
            }
        }

        return ReadTerm(span) is { Sql: null, Cast: null } truth ? Make(ConditionKind.IsTrue, truth, span) : Make(ConditionKind.Other, null, span);
    }

    // Equal to this or to that, of the same column, is a list.
    private static Condition Or(Span span, IReadOnlyList<IReadOnlyList<Condition>> arms)
    {
        var first = arms[0] is [{ Left: { } left }] ? left : null;
        return first is not null && arms.All(arm => arm is [{ Kind: ConditionKind.Equal or ConditionKind.AnyOf, Right: null, Left: { } term }] && term.Identity == first.Identity)
            ? Make(ConditionKind.AnyOf, first, span) with { Values = arms.Sum(arm => arm[0].Kind == ConditionKind.Equal ? 1 : arm[0].Values ?? 10) }
            : Make(ConditionKind.Or, null, span) with { Arms = arms };
    }

    private static Condition? Null(Span span)
    {
        var count = span.Count;
        if (count >= 3 && span[count - 1].Is("NULL") && span[count - 2].Is("IS") && span.Depth(count - 2) == 0)
        {
            return ReadTerm(span.Until(count - 2)) is { } term ? Make(ConditionKind.IsNull, term, span) : Make(ConditionKind.Other, null, span);
        }

        if (count >= 4 && span[count - 1].Is("NULL") && span[count - 2].Is("NOT") && span[count - 3].Is("IS") && span.Depth(count - 3) == 0)
        {
            return ReadTerm(span.Until(count - 3)) is { } term ? Make(ConditionKind.IsNotNull, term, span) : Make(ConditionKind.Other, null, span);
        }

        return null;
    }

    private static Condition Comparison(Span span, int at)
    {
        var (symbol, before, after) = (span[at].Text, span.Until(at), span.From(at + 1));
        if (!Comparisons.Contains(symbol))
        {
            return Make(ConditionKind.Other, null, span);
        }

        if (after.Count > 1 && after[0].Is("ANY"))
        {
            var values = after.From(1).Bare();
            return symbol == "=" && values.Aliases().Count == 0 && ReadTerm(before) is { } listed
                ? Make(ConditionKind.AnyOf, listed, span) with { Values = Elements(values) }
                : Make(ConditionKind.Other, null, span);
        }

        var (left, right) = (ReadTerm(before), ReadTerm(after));
        if (left is null && right is not null)
        {
            (left, right, before, after) = (right, null, after, before);
        }

        // The other side may be anything that does not depend on the same row; a SubPlan does.
        if (left is null || after.Aliases().Contains(left.Alias) || after.HasWord("ALL") || after.HasWord("SubPlan"))
        {
            return Make(ConditionKind.Other, null, span);
        }

        return Make(symbol == "=" ? ConditionKind.Equal : ConditionKind.Range, left, span) with { Right = right };
    }

    // '{1,2,3}'::integer[] is what the server makes of a list of constants, and ARRAY[$1, $2] of one of parameters.
    private static int? Elements(Span values)
    {
        if (values.Count == 0)
        {
            return null;
        }

        if (values[0].Kind == SqlTokenKind.String)
        {
            return values[0].Text.Count(character => character == ',') + 1;
        }

        return values[0].Is("ARRAY") ? Enumerable.Range(0, values.Count).Count(at => values[at].Text == ",") + 1 : null;
    }

    private static Condition Make(ConditionKind kind, Term? left, Span span)
    {
        var aliases = span.Aliases();
        return new Condition(kind, left, aliases)
        {
            Constant = kind is ConditionKind.Equal or ConditionKind.IsNull or ConditionKind.IsNotNull or ConditionKind.IsTrue or ConditionKind.IsFalse
                && left is { Sql: null } && aliases.Count == 1 && !span.DependsOnCall() ? span.Unqualified() : null,
        };
    }

    private static Term? ReadTerm(Span span)
    {
        span = span.Bare();
        var aliases = span.Aliases();
        if (aliases.Count != 1 || span.DependsOnCall())
        {
            return null;
        }

        var (alias, columns) = (aliases.Single(), span.Columns());
        if (span.Count == 3)
        {
            return new Term(alias, columns[0], null, null);
        }

        // A cast of a plain column: (t.status)::text
        if (span[0].Kind == SqlTokenKind.Open && columns.Count == 1 && span.ClosingOf(0) is > 0 and var close && close + 1 < span.Count
            && span[close + 1].Kind == SqlTokenKind.Cast && span.From(1).Until(close - 1).Bare().Count == 3)
        {
            return new Term(alias, columns[0], null, span.From(close + 2).Text);
        }

        return Expression(span, alias, columns);
    }

    // Of expressions those alone whose parts can be looked up: calls of functions, and the operators of jsonb.
    private static Term? Expression(Span span, string alias, IReadOnlyList<string> columns)
    {
        var functions = new List<string>();
        for (var at = 0; at < span.Count; at++)
        {
            var token = span[at];
            if (token.Kind == SqlTokenKind.Operator && !IndexableOperators.Contains(token.Text))
            {
                return null;
            }

            // A constant says its type; a column of type varchar is written as text where a function wants that.
            if (token.Kind == SqlTokenKind.Cast && !(at > 0 && span[at - 1].Kind == SqlTokenKind.String) && !(at + 1 < span.Count && span[at + 1].Is("text")))
            {
                return null;
            }

            if (token.IsName && at + 1 < span.Count && span[at + 1].Kind == SqlTokenKind.Open)
            {
                functions.Add(token.Name);
            }
            else if (token.Kind == SqlTokenKind.Word && !token.Text.Any(char.IsLower) && token.Text.Any(char.IsUpper))
            {
                // CASE, COLLATE, COALESCE, ...: the server writes its own words in capitals.
                return null;
            }
        }

        var hasOperator = Enumerable.Range(0, span.Count).Any(at => span[at].Kind == SqlTokenKind.Operator);
        return functions.Count == 0 && !hasOperator
            ? null
            : new Term(alias, columns.Distinct(StringComparer.Ordinal).Count() == 1 ? columns[0] : null, span.Unqualified(), null) { Functions = functions };
    }

    /// <summary>Some tokens of a text.</summary>
    private readonly struct Span(string text, IReadOnlyList<SqlToken> tokens, int start, int end)
    {
        public int Count => Math.Max(0, end - start);

        public SqlToken this[int index] => tokens[start + index];

        public string Text => Count == 0 ? "" : text[this[0].Start..this[Count - 1].End];

        public Span From(int index) => new(text, tokens, start + index, end);

        public Span Until(int index) => new(text, tokens, start, start + index);

        /// <summary>Without the parentheses around all of it.</summary>
        public Span Bare()
        {
            var span = this;
            while (span.Count > 2 && span[0].Kind == SqlTokenKind.Open && span.ClosingOf(0) == span.Count - 1)
            {
                span = span.From(1).Until(span.Count - 2);
            }

            return span;
        }

        /// <summary>Without parentheses and casts around all of it.</summary>
        public Span WithoutCast()
        {
            var span = Bare();
            while (true)
            {
                if (span.Count > 2 && span[0].Kind == SqlTokenKind.Open && span.ClosingOf(0) is > 0 and var close && close + 1 < span.Count && span[close + 1].Kind == SqlTokenKind.Cast)
                {
                    span = span.Until(close + 1).Bare();
                }
                else if (span.Count > 2 && span[1].Kind == SqlTokenKind.Cast)
                {
                    span = span.Until(1);
                }
                else
                {
                    return span;
                }
            }
        }

        /// <summary>From where to where the parentheses reach that a token stands in.</summary>
        public (int From, int To) Around(int index)
        {
            var (from, to, depth) = (index, index + 1, 0);
            while (from > 0 && (depth += Opens(this[from - 1])) <= 0)
            {
                from--;
            }

            depth = 0;
            while (to < Count && (depth += Opens(this[to])) >= 0)
            {
                to++;
            }

            return (from, to);
        }

        public int ClosingOf(int open)
        {
            var depth = 0;
            for (var at = open; at < Count; at++)
            {
                depth += this[at].Kind switch { SqlTokenKind.Open => 1, SqlTokenKind.Close => -1, _ => 0 };
                if (depth == 0)
                {
                    return at;
                }
            }

            return -1;
        }

        /// <summary>How many parentheses, brackets and CASEs are open at a token.</summary>
        public int Depth(int index)
        {
            var depth = 0;
            for (var at = 0; at < index; at++)
            {
                depth += Opens(this[at]);
            }

            return depth;
        }

        public List<Span> Split(string word)
        {
            var parts = new List<Span>();
            var (from, depth) = (0, 0);
            for (var at = 0; at < Count; at++)
            {
                depth += Opens(this[at]);
                if (depth == 0 && (this[at].Is(word) || (this[at].Kind == SqlTokenKind.Other && this[at].Text == word)))
                {
                    parts.Add(From(from).Until(at - from));
                    from = at + 1;
                }
            }

            parts.Add(From(from));
            return parts;
        }

        public bool HasWord(string word)
        {
            for (var at = 0; at < Count; at++)
            {
                if (this[at].Is(word))
                {
                    return true;
                }
            }

            return false;
        }

        public HashSet<string> Aliases() => References().Select(Alias).ToHashSet(StringComparer.Ordinal);

        public IReadOnlyList<string> Columns() => [.. References().Select(Column)];

        /// <summary>Whether it needs more than the row and constants: parameters, results of other parts of the plan, whole rows.</summary>
        public bool DependsOnCall()
        {
            for (var at = 0; at < Count; at++)
            {
                if (this[at].Kind == SqlTokenKind.Parameter || this[at].Is("SubPlan") || this[at].Is("InitPlan")
                    || (this[at].Kind == SqlTokenKind.Dot && at + 1 < Count && this[at + 1].Text == "*"))
                {
                    return true;
                }
            }

            return false;
        }

        /// <summary>The text without the names of relations.</summary>
        public string Unqualified()
        {
            var result = new System.Text.StringBuilder();
            var (references, at) = (References().ToHashSet(), this[0].Start);
            for (var index = 0; index < Count; index++)
            {
                if (references.Contains(index))
                {
                    result.Append(text, at, this[index].Start - at);
                    at = this[index + 2].Start;
                }
            }

            return result.Append(text, at, this[Count - 1].End - at).ToString();
        }

        // relation.column, which is neither part of a longer name nor that of a function.
        private List<int> References()
        {
            var found = new List<int>();
            for (var at = 0; at + 2 < Count; at++)
            {
                if (this[at].IsName && this[at + 1].Kind == SqlTokenKind.Dot && this[at + 2].IsName
                    && (at == 0 || this[at - 1].Kind is not (SqlTokenKind.Dot or SqlTokenKind.Cast))
                    && (at + 3 >= Count || this[at + 3].Kind is not (SqlTokenKind.Open or SqlTokenKind.Dot)))
                {
                    found.Add(at);
                }
            }

            return found;
        }

        private string Alias(int at) => this[at].Name;

        private string Column(int at) => this[at + 2].Name;

        private static int Opens(SqlToken token) => token.Kind switch
        {
            SqlTokenKind.Open => 1,
            SqlTokenKind.Close => -1,
            SqlTokenKind.Other when token.Text == "[" => 1,
            SqlTokenKind.Other when token.Text == "]" => -1,
            SqlTokenKind.Word when token.Is("CASE") => 1,
            SqlTokenKind.Word when token.Is("END") => -1,
            _ => 0,
        };
    }
}
