using System.Globalization;

namespace Maintenance.Engine.Performance.Optimize;

/// <summary>What the server's statistics know of the values of a column, as text. They are data: never shown, never kept.</summary>
/// <param name="Common">The most common values, the most common first.</param>
/// <param name="Bounds">Bounds between parts of equal size, in the order of the type.</param>
internal sealed record ColumnValues(IReadOnlyList<string> Common, IReadOnlyList<string> Bounds)
{
    /// <summary>Which share of the rows has each of the common values.</summary>
    public IReadOnlyList<double> Shares { get; init; } = [];

    /// <summary>Which share of the rows has none.</summary>
    public double NullShare { get; init; }

    /// <summary>A value that is too rare for the statistics, where they have no other.</summary>
    public string? Rare { get; init; }

    /// <summary>The value that leads to the most common key of a table that is joined.</summary>
    public string? Joined { get; init; }

    /// <summary>The values that are tried as common ones.</summary>
    public IReadOnlyList<string> TriedAsCommon => Joined is { } joined ? [joined, .. Common.Where(value => value != joined)] : Common;

    /// <summary>
    /// There may be rows with values that the statistics do not name: these are of a sample, so even where their shares add up to all of it, what is rare may
    /// have been missed.
    /// </summary>
    public bool MayHaveOthers => Bounds.Count == 0 && Common.Count > 0;

    /// <summary>No value is that of more rows than this share: whichever is asked for finds few.</summary>
    public bool IsEvenTo(double share) => Shares.All(one => one <= share) && (Common.Count > 0 || Bounds.Count > 0);

    /// <summary>What a sample tells, as the server's own statistics would: those that are more common than the average by a quarter, and bounds of the others.</summary>
    /// <param name="sample">Values in the order of their type, null among them, and how many rows of the sample have each.</param>
    public static ColumnValues? Of(IReadOnlyList<(string? Value, long Rows)> sample)
    {
        var all = (double)sample.Sum(one => one.Rows);
        var named = sample.Where(one => one.Value is not null).ToList();
        if (named.Count == 0)
        {
            return null;
        }

        var least = named.Count <= MostCommon ? 1 : Math.Max(2, 1.25 * named.Sum(one => one.Rows) / named.Count);
        var common = named.Where(one => one.Rows >= least).OrderByDescending(one => one.Rows).Take(MostCommon).ToList();
        var others = named.Except(common).ToList();
        return new ColumnValues([.. common.Select(one => one.Value!)], others.Count < 2 ? [] : Divided(others))
        {
            Shares = [.. common.Select(one => one.Rows / all)],
            NullShare = 1 - named.Sum(one => one.Rows) / all,
            Rare = others is [var only] ? only.Value : null,
        };
    }

    private const int MostCommon = 100;

    // Bounds between parts of equally many rows.
    private static List<string> Divided(List<(string? Value, long Rows)> others)
    {
        var (rows, parts) = (others.Sum(one => one.Rows), (double)Math.Min(MostCommon, others.Count - 1));
        var (bounds, passed) = (new List<string>(), 0L);
        foreach (var (value, count) in others)
        {
            passed += count;
            while (bounds.Count <= parts && passed > bounds.Count * (rows - 1) / parts)
            {
                bounds.Add(value!);
            }
        }

        return bounds;
    }

    /// <summary>The bound at a share of the rows; without bounds a common value.</summary>
    public string? At(double share) => Bounds.Count > 0
        ? Bounds[(int)Math.Round(share * (Bounds.Count - 1))]
        : Common.Count > 0 ? Common[(int)Math.Round(share * (Common.Count - 1))] : null;
}

/// <summary>Values for the parameters of a statement.</summary>
/// <param name="Values">For $1, $2, ...; data, never shown.</param>
/// <param name="IsCommon">Each column that is compared with one value has its most common one.</param>
internal sealed record ValueSet(IReadOnlyList<string> Values, bool IsCommon);

/// <summary>
/// Thinks of values for the parameters of a statement: the most common one of each column, and a rare one, each with each; then others; ranges that are
/// narrow, and such that are wide. Which of them the application asks for is for the rows to tell that come back. Pure.
/// </summary>
internal static class TrialValues
{
    /// <summary>Sets that are thought of.</summary>
    private const int Most = 40;

    /// <summary>So many columns get common and rare values each with each; those after them are like the last.</summary>
    private const int MostCrossed = 3;

    /// <summary>Items of a list.</summary>
    private const int Items = 3;

    private const int Common = 0;
    private const int Rare = 1;

    /// <summary>Where one value is taken: the most common, a rare one, those at these shares of the rows, and other common ones.</summary>
    private static readonly (double Share, int? Common)[] Points = [(0.5, 0), (0.5, null), (0.9, null), (0.2, null), (0.5, 1), (0.5, 2)];

    private static readonly double[] Above = [0.5, 0.9, 0.97, 0, 0.2, 0.99, 1];
    private static readonly double[] Below = [0.5, 0.1, 0.03, 1, 0.8, 0.01, 0];

    /// <summary>Between both ends: a twentieth of the rows, all of them, a hundredth, a quarter, half; then other places.</summary>
    private static readonly (double From, double To)[] Between = [(0.5, 0.55), (0, 1), (0.5, 0.51), (0.5, 0.75), (0.25, 0.75), (0.9, 0.95), (0.2, 0.25)];

    /// <summary>Sets of values, the most telling first; equal sets once.</summary>
    /// <param name="parameters">Number of parameters.</param>
    /// <param name="bindings">What they are compared with; all of them.</param>
    /// <param name="values">What is known of each column.</param>
    /// <param name="rows">What a LIMIT with a parameter asks for.</param>
    /// <returns>The sets, or nothing where a value cannot be had; then which parameter it is.</returns>
    public static (IReadOnlyList<ValueSet> Sets, int? Missing) Choose(
        int parameters, IReadOnlyDictionary<int, ParameterBinding> bindings, Func<PlanRelation, string, ColumnValues?> values, long rows = 10)
    {
        var columns = bindings.Values.Where(binding => binding.Use is ParameterUse.Equal or ParameterUse.NotEqual or ParameterUse.AnyOf)
            .OrderBy(binding => binding.Number).Select(binding => (binding.Relation, binding.Column)).Distinct().ToList();
        var sets = new List<ValueSet>();
        foreach (var (points, range) in Places(Math.Min(columns.Count, MostCrossed)))
        {
            var chosen = new List<string>();
            for (var number = 1; number <= parameters; number++)
            {
                if (!bindings.TryGetValue(number, out var binding)
                    || Value(binding, [.. bindings.Values], values, PointOf(binding), range, rows) is not { } value)
                {
                    return ([], number);
                }

                chosen.Add(value);
            }

            if (sets.Count < Most && !sets.Exists(other => other.Values.SequenceEqual(chosen)))
            {
                sets.Add(new ValueSet(chosen, columns.Count > 0 && points.All(point => point == Common)));
            }

            int PointOf(ParameterBinding binding) => columns.IndexOf((binding.Relation, binding.Column)) is >= 0 and var at ? points[Math.Min(at, points.Count - 1)] : Rare;
        }

        return (sets, null);
    }

    // The corners first, then what lies between.
    private static IEnumerable<(IReadOnlyList<int> Points, int Range)> Places(int columns)
    {
        var corners = Enumerable.Range(0, 1 << columns).Select(mask => (IReadOnlyList<int>)[.. Enumerable.Range(0, columns).Select(column => (mask >> column) & 1)]).ToList();
        var others = Enumerable.Range(Rare + 1, Points.Length - Rare - 1).Select(point => (IReadOnlyList<int>)[.. Enumerable.Repeat(point, columns)]).ToList();
        var ranges = Enumerable.Range(0, Between.Length).ToList();
        return corners.Select(corner => (corner, 0))
            .Concat(ranges.Skip(1).SelectMany(range => new[] { (corners[0], range), (corners[^1], range) }))
            .Concat(others.Select(other => (other, 0)))
            .Concat(from range in ranges.Skip(1) from corner in corners.Concat(others) select (corner, range));
    }

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
            ParameterUse.AnyOf => Array(Enumerable.Range(0, Items).Select(next => One(known, point, next))),
            _ => One(known, point, place),
        };
    }

    private static string? One(ColumnValues known, int point, int place) =>
        Points[point] is (_, { } common) && known.TriedAsCommon is { Count: > 0 } values ? values[(common + place) % values.Count]
        : point == Rare && place == 0 && known.Rare is { } rare ? rare
        // Without bounds the rarest of the common ones.
        : known.Bounds.Count == 0 && point == Rare ? known.At(1)
        : known.At(Math.Min(1, Points[point].Share + 0.01 * (place + 1)));

    // The literal of an array, as PostgreSQL reads it.
    private static string? Array(IEnumerable<string?> items) => items.Any(item => item is null)
        ? null
        : $"{{{string.Join(',', items.Distinct().Select(item => $"\"{item!.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\""))}}}";
}
