using System.Globalization;
using System.Text.RegularExpressions;

namespace Maintenance.Engine.Performance.Optimize;

/// <summary>How a parameter is compared.</summary>
internal enum ParameterUse
{
    Equal = 0,
    NotEqual,

    /// <summary>The column is greater than it.</summary>
    Lower,

    /// <summary>The column is less than it.</summary>
    Upper,

    /// <summary>The column is one of a list, which is the parameter.</summary>
    AnyOf,

    /// <summary>The number of rows that are wanted.</summary>
    Limit,

    /// <summary>The number of rows that are left out.</summary>
    Offset,
}

/// <summary>What a parameter of a statement is compared with.</summary>
/// <param name="Number">1 for $1.</param>
/// <param name="Use">How.</param>
/// <param name="Relation">The table; null for LIMIT and OFFSET.</param>
/// <param name="Column">The column; null for those.</param>
internal sealed record ParameterBinding(int Number, ParameterUse Use, PlanRelation? Relation, string? Column);

/// <summary>Finds out of a generic plan which column each parameter is compared with. Pure.</summary>
internal static partial class ParameterBindings
{
    /// <summary>The parameters that could be tied to a column.</summary>
    /// <param name="text">The statement.</param>
    /// <param name="plan">Its generic plan.</param>
    public static IReadOnlyDictionary<int, ParameterBinding> Find(string text, PlanTree plan)
    {
        var found = new Dictionary<int, ParameterBinding>();
        foreach (var expression in plan.Expressions)
        {
            foreach (var match in ColumnFirst().Matches(expression).Cast<Match>())
            {
                Add(match, Use(match.Groups["op"].Value, swapped: false));
            }

            foreach (var match in ParameterFirst().Matches(expression).Cast<Match>())
            {
                Add(match, Use(match.Groups["op"].Value, swapped: true));
            }

            foreach (var match in Any().Matches(expression).Cast<Match>())
            {
                if (match.Groups["number"].Success)
                {
                    Add(match, ParameterUse.AnyOf);
                }

                foreach (var item in Number().Matches(match.Groups["list"].Value).Cast<Match>())
                {
                    Add(match, ParameterUse.Equal, item.Groups["number"].Value);
                }
            }
        }

        foreach (var match in Rows().Matches(text).Cast<Match>())
        {
            var number = int.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture);
            found.TryAdd(number, new ParameterBinding(number, match.Groups["word"].Value.StartsWith("OFF", StringComparison.OrdinalIgnoreCase) ? ParameterUse.Offset : ParameterUse.Limit, null, null));
        }

        return found;

        void Add(Match match, ParameterUse use, string? number = null)
        {
            if (plan.Relations.TryGetValue(Unquoted(match.Groups["alias"].Value), out var relation))
            {
                var key = int.Parse(number ?? match.Groups["number"].Value, CultureInfo.InvariantCulture);
                found.TryAdd(key, new ParameterBinding(key, use, relation, Unquoted(match.Groups["column"].Value)));
            }
        }
    }

    private static ParameterUse Use(string op, bool swapped) => op switch
    {
        "=" => ParameterUse.Equal,
        "<>" => ParameterUse.NotEqual,
        ">" or ">=" => swapped ? ParameterUse.Upper : ParameterUse.Lower,
        _ => swapped ? ParameterUse.Lower : ParameterUse.Upper,
    };

    private static string Unquoted(string name) => name.StartsWith('"') ? name[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal) : name;

    private const string Name = """(?:"(?:[^"]|"")+"|[\p{L}_][\p{L}\p{Nd}_$]*)""";
    private const string Cast = """(?:::"?[\p{L}_][\p{L}\p{Nd}_ ]*"?(?:\(\d+(?:,\d+)?\))?)?""";
    private const string Column = $"""\(?(?<alias>{Name})\.(?<column>{Name})\)?{Cast}""";
    private const string Parameter = $"""\(?\$(?<number>\d+)\)?{Cast}""";
    private const string Operator = "(?<op>=|<>|<=|>=|<|>)";

    [GeneratedRegex($"""{Column} {Operator} {Parameter}\)""")]
    private static partial Regex ColumnFirst();

    [GeneratedRegex($"""\({Parameter} {Operator} {Column}\)""")]
    private static partial Regex ParameterFirst();

    [GeneratedRegex($$"""{{Column}} = ANY \((?:\(?\$(?<number>\d+)\)?|\(?ARRAY\[(?<list>[^\]]*)\]\)?)""")]
    private static partial Regex Any();

    [GeneratedRegex(@"\$(?<number>\d+)")]
    private static partial Regex Number();

    [GeneratedRegex(@"\b(?<word>LIMIT|OFFSET|FETCH\s+FIRST|FETCH\s+NEXT)\s+\(?\$(?<number>\d+)", RegexOptions.IgnoreCase)]
    private static partial Regex Rows();
}
