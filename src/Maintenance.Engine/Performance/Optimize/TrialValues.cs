using System.Globalization;

namespace Maintenance.Engine.Performance.Optimize;

/// <summary>What the server's statistics know of the values of a column, as text. They are data: never shown, never kept.</summary>
/// <param name="Common">The most common values, the most common first.</param>
/// <param name="Bounds">Bounds between parts of equal size, in the order of the type.</param>
internal sealed record ColumnValues(IReadOnlyList<string> Common, IReadOnlyList<string> Bounds)
{
    /// <summary>The bound at a share of the rows; without bounds a common value.</summary>
    public string? At(double share) => Bounds.Count > 0
        ? Bounds[(int)Math.Round(share * (Bounds.Count - 1))]
        : Common.Count > 0 ? Common[(int)Math.Round(share * (Common.Count - 1))] : null;
}

/// <summary>
/// Thinks of values for the parameters of a statement: usual ones, common ones, and such that are seldom; ranges that are narrow, and such that are
/// wide. Which of them the application asks for is for the rows to tell that come back. Pure.
/// </summary>
internal static class TrialValues
{
    /// <summary>Sets of values that a statement is tried with.</summary>
    public const int Sets = 3;

    /// <summary>Sets that are thought of.</summary>
    private const int Most = 40;

    /// <summary>Where one value is taken: those at these shares of the rows, and the most common ones.</summary>
    private static readonly (double Share, int? Common)[] Points = [(0.5, null), (0.5, 0), (0.9, null), (0.2, null), (0.5, 1), (0.5, 2)];

    private static readonly double[] Middle = [0.5, 0.9, 0.2];
    private static readonly double[] Above = [0.5, 0.9, 0.97, 0, 0.2, 0.99, 1];
    private static readonly double[] Below = [0.5, 0.1, 0.03, 1, 0.8, 0.01, 0];

    /// <summary>Between both ends: a twentieth of the rows in three places, then a hundredth, a quarter, half, and all of them.</summary>
    private static readonly (double From, double To)[] Between = [(0.5, 0.55), (0.9, 0.95), (0.2, 0.25), (0.5, 0.51), (0.5, 0.75), (0.25, 0.75), (0, 1)];

    /// <summary>Values for $1, $2, ... of each set, the usual first; equal sets once.</summary>
    /// <param name="parameters">Number of parameters.</param>
    /// <param name="bindings">What they are compared with; all of them.</param>
    /// <param name="values">What is known of each column.</param>
    /// <param name="rows">What a LIMIT with a parameter asks for.</param>
    /// <returns>The sets, or nothing where a value cannot be had; then which parameter it is.</returns>
    public static (IReadOnlyList<IReadOnlyList<string>> Sets, int? Missing) Choose(
        int parameters, IReadOnlyDictionary<int, ParameterBinding> bindings, Func<PlanRelation, string, ColumnValues?> values, long rows = 10)
    {
        var sets = new List<IReadOnlyList<string>>();
        foreach (var (point, range) in Places())
        {
            var chosen = new List<string>();
            for (var number = 1; number <= parameters; number++)
            {
                if (!bindings.TryGetValue(number, out var binding) || Value(binding, [.. bindings.Values], values, point, range, rows) is not { } value)
                {
                    return ([], number);
                }

                chosen.Add(value);
            }

            if (sets.Count < Most && !sets.Exists(other => other.SequenceEqual(chosen)))
            {
                sets.Add(chosen);
            }
        }

        return (sets, null);
    }

    // Different values first, then each with each.
    private static IEnumerable<(int Point, int Range)> Places() => Enumerable.Range(0, Sets).Select(place => (place, place))
        .Concat(from range in Enumerable.Range(0, Between.Length) from point in Enumerable.Range(0, Points.Length) select (point, range));

    private static string? Value(ParameterBinding binding, IReadOnlyList<ParameterBinding> all, Func<PlanRelation, string, ColumnValues?> values, int point, int range, long rows)
    {
        switch (binding.Use)
        {
            case ParameterUse.Limit:
                return rows.ToString(CultureInfo.InvariantCulture);
            case ParameterUse.Offset:
                return "0";
        }

        if (values(binding.Relation!, binding.Column!) is not { } known)
        {
            return null;
        }

        var same = all.Where(other => other.Relation == binding.Relation && other.Column == binding.Column).ToList();
        var hasBothEnds = same.Exists(other => other.Use == ParameterUse.Lower) && same.Exists(other => other.Use == ParameterUse.Upper);
        // Of several on one column each gets its own.
        var place = same.Count(other => other.Use == binding.Use && other.Number < binding.Number);
        return binding.Use switch
        {
            ParameterUse.Lower => known.At(hasBothEnds ? Between[range].From : Above[range]),
            ParameterUse.Upper => known.At(hasBothEnds ? Between[range].To : Below[range]),
            ParameterUse.AnyOf => Array(Enumerable.Range(0, Sets).Select(next => One(known, point, next))),
            _ => One(known, point, place),
        };
    }

    private static string? One(ColumnValues known, int point, int place) => Points[point] is (_, { } common) && known.Common.Count > 0
        ? known.Common[(common + place) % known.Common.Count]
        : known.At(Math.Min(1, Points[point].Share + 0.01 * (place + 1)));

    // The literal of an array, as PostgreSQL reads it.
    private static string? Array(IEnumerable<string?> items) => items.Any(item => item is null)
        ? null
        : $"{{{string.Join(',', items.Distinct().Select(item => $"\"{item!.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\""))}}}";
}
