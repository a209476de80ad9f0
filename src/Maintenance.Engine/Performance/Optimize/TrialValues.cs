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

/// <summary>Chooses values for the parameters of a statement: a usual one, a common one, and one that is seldom. Pure.</summary>
internal static class TrialValues
{
    /// <summary>Sets of values that a statement is tried with.</summary>
    public const int Sets = 3;

    private static readonly double[] Middle = [0.5, 0.9, 0.2];
    private static readonly double[] Above = [0.5, 0.9, 0.97];
    private static readonly double[] Below = [0.5, 0.1, 0.03];

    /// <summary>Values for $1, $2, ... of each set; equal sets once.</summary>
    /// <param name="parameters">Number of parameters.</param>
    /// <param name="bindings">What they are compared with; all of them.</param>
    /// <param name="values">What is known of each column.</param>
    /// <param name="rows">What a LIMIT with a parameter asks for.</param>
    /// <returns>The sets, or nothing where a value cannot be had; then which parameter it is.</returns>
    public static (IReadOnlyList<IReadOnlyList<string>> Sets, int? Missing) Choose(
        int parameters, IReadOnlyDictionary<int, ParameterBinding> bindings, Func<PlanRelation, string, ColumnValues?> values, long rows = 10)
    {
        var sets = new List<IReadOnlyList<string>>();
        for (var set = 0; set < Sets; set++)
        {
            var chosen = new List<string>();
            for (var number = 1; number <= parameters; number++)
            {
                if (!bindings.TryGetValue(number, out var binding) || Value(binding, bindings.Values, values, set, rows) is not { } value)
                {
                    return ([], number);
                }

                chosen.Add(value);
            }

            if (!sets.Exists(other => other.SequenceEqual(chosen)))
            {
                sets.Add(chosen);
            }
        }

        return (sets, null);
    }

    private static string? Value(ParameterBinding binding, IEnumerable<ParameterBinding> all, Func<PlanRelation, string, ColumnValues?> values, int set, long rows)
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

        var isRange = binding.Use is ParameterUse.Lower or ParameterUse.Upper
            && all.Any(other => other.Relation == binding.Relation && other.Column == binding.Column && other.Use == (binding.Use == ParameterUse.Lower ? ParameterUse.Upper : ParameterUse.Lower));
        return binding.Use switch
        {
            ParameterUse.Lower => known.At(isRange ? Middle[set] : Above[set]),
            // A twentieth of the rows lies between the two.
            ParameterUse.Upper => known.At(isRange ? Math.Min(1, Middle[set] + 0.05) : Below[set]),
            ParameterUse.AnyOf => Array([known.At(Middle[set]), known.At(Middle[(set + 1) % Sets]), known.At(Middle[(set + 2) % Sets])]),
            // Of several on one column each gets its own.
            _ when set == 1 && known.Common.Count > 0 => known.Common[binding.Number % Math.Min(known.Common.Count, 2)],
            _ => known.At(Math.Min(1, Middle[set] + 0.01 * binding.Number)),
        };
    }

    // The literal of an array, as PostgreSQL reads it.
    private static string? Array(IEnumerable<string?> items) => items.Any(item => item is null)
        ? null
        : $"{{{string.Join(',', items.Distinct().Select(item => $"\"{item!.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\""))}}}";
}
