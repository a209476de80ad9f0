using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Performance.Indexes;

/// <summary>Thinks of indexes for the uses of tables: up to three keys, with equality first, then a range or an order. Pure.</summary>
/// <param name="mutable">Names of functions whose results no index can hold.</param>
internal sealed class IndexCandidates(IReadOnlySet<string> mutable)
{
    private const int MostKeys = 3;
    private const int MostEqual = 4;
    private const int MostIncluded = 3;
    private const int WidestKey = 200;

    // An index that stores more is the table once again.
    private const int WidestIncluded = 32;

    // A partial index is worth its condition where that leaves few rows.
    private const double LargestShare = 0.2;

    private static readonly System.Buffers.SearchValues<char> WordCharacters = System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-");

    /// <summary>The indexes that could help one use.</summary>
    public IEnumerable<IndexCandidate> For(TableUse use)
    {
        foreach (var candidate in Plain(use))
        {
            yield return candidate;
            foreach (var variant in Variants(use, candidate))
            {
                yield return variant;
            }
        }

        foreach (var candidate in OfConditionAlone(use))
        {
            yield return candidate;
        }
    }

    /// <summary>Indexes that help a use together and not alone: one for each part of an OR that no index answers yet; null where a part cannot have one.</summary>
    public IReadOnlyList<IndexCandidate>? ForParts(TableUse use, Condition either)
    {
        var wanted = new List<IndexCandidate>();
        foreach (var arm in either.Arms)
        {
            var known = arm.Where(condition => condition.Left?.Alias == use.Scan.Alias).ToList();
            var keys = Keys(use, known.Where(condition => condition.Kind is ConditionKind.Equal or ConditionKind.AnyOf or ConditionKind.IsNull))
                .OrderBy(key => use.Table.Selectivity(key.Column))
                .Take(MostKeys - 1)
                .Concat(Keys(use, known.Where(condition => condition.Kind == ConditionKind.Range)).Take(1))
                .DistinctBy(key => key.Identity)
                .ToList();
            if (keys.Count == 0)
            {
                return null;
            }

            if (Make(use, keys) is var index && !IsCovered(index))
            {
                wanted.Add(index);
            }
        }

        return [.. wanted.DistinctBy(index => index.Identity)];
    }

    private IEnumerable<IndexCandidate> Plain(TableUse use)
    {
        var equal = Keys(use, use.Conditions.Where(condition => condition.Kind is ConditionKind.Equal or ConditionKind.AnyOf or ConditionKind.IsNull or ConditionKind.IsTrue or ConditionKind.IsFalse))
            .Concat(use.Join is { } join ? Keys(use, join.Conditions) : [])
            .DistinctBy(key => key.Identity)
            .OrderBy(key => use.Table.Selectivity(key.Column))
            .Take(MostEqual)
            .ToList();
        var ranges = Keys(use, use.Conditions.Where(condition => condition.Kind == ConditionKind.Range)).DistinctBy(key => key.Identity).ToList();
        var order = Order(use);
        foreach (var first in Arrangements(equal, MostKeys))
        {
            if (first.Count > 0)
            {
                yield return Make(use, first);
            }

            foreach (var range in ranges.Where(range => first.Count < MostKeys && first.All(key => key.Identity != range.Identity)))
            {
                yield return Make(use, [.. first, range]);
            }

            var rest = order?.Where(key => first.All(other => other.Identity != key.Identity)).ToList();
            if (rest is { Count: > 0 } && first.Count + rest.Count <= MostKeys)
            {
                yield return Make(use, [.. first, .. rest]);
            }
        }
    }

    private static IEnumerable<IndexCandidate> Variants(TableUse use, IndexCandidate candidate)
    {
        foreach (var condition in PartialConditions(use))
        {
            var keys = candidate.Keys.Where(key => key.Column != condition.Column).ToList();
            if (keys.Count > 0)
            {
                yield return candidate with { Keys = keys, Predicate = condition };
            }
        }

        if (use.Needed is { } needed && candidate.Keys.All(key => !key.IsExpression))
        {
            var include = needed.Where(name => candidate.Keys.All(key => key.Column!.Name != name)).Select(name => use.Table.Columns[name]).OrderBy(column => column.Number).ToList();
            if (include.Count is > 0 and <= MostIncluded && include.Sum(column => column.Width) <= WidestIncluded && needed.Count * 2 <= use.Table.Columns.Count)
            {
                yield return candidate with { Include = include };
            }
        }
    }

    // Where nothing else is asked for, the index is a list of the few rows; it is sorted by what they are asked about.
    private static IEnumerable<IndexCandidate> OfConditionAlone(TableUse use) =>
        PartialConditions(use).Where(condition => condition.Column.OperatorClass is not null)
            .Select(condition => new IndexCandidate { Table = use.Table.Whole ?? use.Table, Keys = [new IndexKey($"\"{condition.Column.Name}\"", condition.Column.Sql, condition.Column, false)], Predicate = condition });

    private static IEnumerable<IndexCondition> PartialConditions(TableUse use)
    {
        foreach (var condition in use.Conditions)
        {
            // Constants that are still in the text are no parameters: the statement always asks for them.
            if (condition is { Constant: { } sql, Left.Column: { } name } && use.Table.Columns.TryGetValue(name, out var column))
            {
                var share = condition.Kind switch
                {
                    ConditionKind.IsNull => column.NullShare,
                    ConditionKind.IsTrue => column.TrueShare,
                    ConditionKind.IsFalse => 1 - column.TrueShare,
                    ConditionKind.IsNotNull => 1 - column.NullShare,
                    ConditionKind.Equal when column.Distinct is > 0 and <= 100 && WordIn(condition) is not null => use.Table.ValueShares.TryGetValue(sql, out var one) ? one : null,
                    _ => null,
                };
                if (share is { } known and <= LargestShare)
                {
                    yield return new IndexCondition(sql, column, Math.Max(known, 1 / Math.Max(1, use.Table.Rows)));
                }
            }
        }
    }

    /// <summary>The value that a condition asks for, where it is one word, such as a state; null for others: a value in a text may be anybody's data.</summary>
    public static string? WordIn(Condition condition) =>
        condition is { Kind: ConditionKind.Equal, Constant: { } constant }
        // A call may give another result tomorrow.
        && SqlTokens.Read(constant) is { } tokens && !tokens.Zip(tokens.Skip(1)).Any(pair => pair.First.IsName && pair.Second.Kind == SqlTokenKind.Open)
        && tokens.Where(token => token.Kind is SqlTokenKind.String or SqlTokenKind.Number).ToList() is [{ Kind: SqlTokenKind.String, Text: { Length: > 2 and <= 32 } text }]
        && text.AsSpan(1, text.Length - 2).IndexOfAnyExcept(WordCharacters) < 0
            ? text[1..^1]
            : null;

    private List<IndexKey>? Order(TableUse use)
    {
        if (use.Order is not { } order)
        {
            return null;
        }

        var keys = new List<IndexKey>();
        foreach (var wanted in order.Keys)
        {
            if (Key(use, wanted.Term) is not { } key)
            {
                return null;
            }

            keys.Add(key with { Descending = wanted.Descending, NullsFirst = wanted.NullsFirst });
        }

        // Read backwards an ordinary index has the opposite order.
        return keys.TrueForAll(key => key is { Descending: true, NullsFirst: true })
            ? [.. keys.Select(key => key with { Descending = false, NullsFirst = false })]
            : keys;
    }

    private IEnumerable<IndexKey> Keys(TableUse use, IEnumerable<Condition> conditions) => conditions.Select(condition => Key(use, condition.Left)).OfType<IndexKey>();

    private IndexKey? Key(TableUse use, Term? term)
    {
        if (term is null)
        {
            return null;
        }

        var column = term.Column is null ? null : use.Table.Columns.GetValueOrDefault(term.Column);
        if (term.Sql is { } sql)
        {
            return term.Functions.Any(mutable.Contains) ? null : new IndexKey(term.Identity, $"({sql})", column, true);
        }

        // A varchar is compared as text, which changes nothing; another cast is another value.
        return column is { OperatorClass: not null, Width: <= WidestKey } && (term.Cast is null || (term.Cast == "text" && column.Type == "character varying"))
            ? new IndexKey(term.Identity, column.Sql, column, false)
            : null;
    }

    private static IndexCandidate Make(TableUse use, IReadOnlyList<IndexKey> keys) => new() { Table = use.Table.Whole ?? use.Table, Keys = keys };

    private static IEnumerable<IReadOnlyList<IndexKey>> Arrangements(IReadOnlyList<IndexKey> keys, int most)
    {
        yield return [];
        if (most == 0)
        {
            yield break;
        }

        foreach (var key in keys)
        {
            foreach (var rest in Arrangements([.. keys.Where(other => other != key)], most - 1))
            {
                yield return [key, .. rest];
            }
        }
    }

    /// <summary>Whether an existing index begins with all keys of a candidate and has all it stores.</summary>
    public static bool IsCovered(IndexCandidate candidate) => candidate.Table.Indexes.Any(index => Covers(index, candidate));

    private static bool Covers(IndexFact index, IndexCandidate candidate)
    {
        if (index.IsPartial || IndexCost.ToCandidate(candidate.Table, index) is not { } other || other.Keys.Count < candidate.Keys.Count)
        {
            return false;
        }

        var same = candidate.Keys.Zip(other.Keys).All(pair => pair.First.Identity == pair.Second.Identity);
        var forward = candidate.Keys.Zip(other.Keys).All(pair => pair.First.Descending == pair.Second.Descending && pair.First.NullsFirst == pair.Second.NullsFirst);
        var backward = candidate.Keys.Zip(other.Keys).All(pair => pair.First.Descending != pair.Second.Descending && pair.First.NullsFirst != pair.Second.NullsFirst);
        return same && (forward || backward)
            && candidate.Include.All(column => other.Keys.Any(key => key.Column == column && !key.IsExpression) || other.Include.Contains(column));
    }
}
