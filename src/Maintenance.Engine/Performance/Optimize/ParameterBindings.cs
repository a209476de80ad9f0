using System.Globalization;
using System.Text.RegularExpressions;
using Maintenance.Engine.Performance.Indexes;

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
/// <param name="Column">The column, or an expression over columns as SQL; null for those.</param>
/// <param name="IsExpression">It is an expression: what statistics know of its columns says nothing of its values.</param>
internal sealed record ParameterBinding(int Number, ParameterUse Use, PlanRelation? Relation, string? Column, bool IsExpression = false)
{
    /// <summary>Whether a key of an index is what it is compared with.</summary>
    /// <param name="index">The index.</param>
    /// <param name="key">Its key.</param>
    public bool IsWith(MissingIndex index, string key) => Relation is { } relation && relation.Schema == index.Schema && relation.Name == index.Table
        && RowPath.KeyOf(key) == (IsExpression ? ConditionReader.Bare(Column!) : $"\"{Column}\"");
}

/// <summary>Finds out of a generic plan which column or expression each parameter is compared with. Pure.</summary>
internal static partial class ParameterBindings
{
    /// <summary>Casts that change no value; any other makes an expression.</summary>
    private static readonly HashSet<string> SameValue = ["text", "character varying", "bigint", "numeric", "double precision", "timestamp without time zone", "timestamp with time zone"];

    /// <summary>The parameters that could be tied to a column or expression.</summary>
    /// <param name="text">The statement.</param>
    /// <param name="plan">Its generic plan.</param>
    public static IReadOnlyDictionary<int, ParameterBinding> Find(string text, PlanTree plan)
    {
        var found = new Dictionary<int, ParameterBinding>();
        // Until PostgreSQL 16 what a subquery returns is written as a parameter is.
        var returned = plan.Root.All.SelectMany(node => Returned(node.SubplanName)).ToHashSet();
        foreach (var comparison in plan.Expressions.SelectMany(ConditionReader.ReadComparisons))
        {
            if (plan.Relations.TryGetValue(comparison.Term.Alias, out var relation))
            {
                var use = comparison.IsWholeList ? ParameterUse.AnyOf : comparison.IsList ? ParameterUse.Equal : Use(comparison.Operator, comparison.IsValueFirst);
                foreach (var number in comparison.Parameters.Where(number => number > 0 && !returned.Contains(number)))
                {
                    found.TryAdd(number, Of(number, use, relation, comparison.Term));
                }
            }
        }

        foreach (var match in Rows().Matches(text).Cast<Match>())
        {
            var number = int.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture);
            found.TryAdd(number, new ParameterBinding(number, match.Groups["word"].Value.StartsWith("OFF", StringComparison.OrdinalIgnoreCase) ? ParameterUse.Offset : ParameterUse.Limit, null, null));
        }

        return found;
    }

    /// <summary>The numbers by which what a subquery returns is written.</summary>
    /// <param name="subplan">What the plan calls it.</param>
    public static IEnumerable<int> Returned(string? subplan) => subplan is null ? [] : Number().Matches(subplan).Select(match => int.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture));

    private static ParameterBinding Of(int number, ParameterUse use, PlanRelation relation, Term term) =>
        term.Sql is { } sql ? new(number, use, relation, sql, IsExpression: true)
        : term.Cast is { } cast && !SameValue.Contains(cast) ? new(number, use, relation, $"(\"{term.Column!.Replace("\"", "\"\"", StringComparison.Ordinal)}\")::{cast}", IsExpression: true)
        : new(number, use, relation, term.Column);

    private static ParameterUse Use(string op, bool swapped) => op switch
    {
        "=" => ParameterUse.Equal,
        "<>" => ParameterUse.NotEqual,
        ">" or ">=" => swapped ? ParameterUse.Upper : ParameterUse.Lower,
        _ => swapped ? ParameterUse.Lower : ParameterUse.Upper,
    };

    [GeneratedRegex(@"\$(?<number>\d+)")]
    private static partial Regex Number();

    [GeneratedRegex(@"\b(?<word>LIMIT|OFFSET|FETCH\s+FIRST|FETCH\s+NEXT)\s+\(?\$(?<number>\d+)", RegexOptions.IgnoreCase)]
    private static partial Regex Rows();
}
