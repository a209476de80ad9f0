using System.Text.Json;
using Maintenance.Engine.Database;
using Maintenance.Engine.Performance.Indexes;

namespace Maintenance.Engine.Performance.Optimize;

/// <summary>
/// What is known of the values that the parameters of one statement are compared with: by the statistics of columns, by a sample of expressions, which have
/// none, and by looking up what leads to the most common key of a table that is joined. They are data: they stay in memory, and are nowhere shown.
/// </summary>
/// <param name="session">The session.</param>
/// <param name="runner">Sends queries to the tables.</param>
/// <param name="index">The index that is tried.</param>
/// <param name="mayRead">Tables may be read.</param>
/// <param name="timeout">The longest time of each query.</param>
internal sealed class TrialStatistics(DatabaseSession session, TrialRunner runner, MissingIndex index, bool mayRead, TimeSpan timeout)
{
    /// <summary>So many joins are followed from the table of the index to a parameter.</summary>
    private const int MostJoins = 3;

    /// <summary>So many common keys are followed until one leads to a value.</summary>
    private const int MostKeys = 5;

    private readonly Dictionary<(PlanRelation, string), ColumnValues?> _known = [];

    /// <summary>What is known of a column or expression.</summary>
    public ColumnValues? Of(PlanRelation relation, string column) => _known.GetValueOrDefault((relation, column));

    /// <summary>Finds out what there is to know.</summary>
    /// <param name="plan">The generic plan.</param>
    /// <param name="bindings">What parameters are compared with.</param>
    /// <param name="cancellationToken">Cancels on the server too.</param>
    /// <returns>Why values of these parameters prove nothing unless rows tell, as a clause; null if they do.</returns>
    public async Task<string?> ReadAsync(PlanTree plan, IReadOnlyDictionary<int, ParameterBinding> bindings, CancellationToken cancellationToken)
    {
        foreach (var binding in bindings.Values.Where(binding => binding.Relation is not null))
        {
            var key = (binding.Relation!, binding.Column!);
            if (!_known.ContainsKey(key))
            {
                _known[key] = binding.IsExpression
                    ? await SampledAsync(binding.Relation!, binding.Column!, cancellationToken)
                    : await ColumnAsync(binding.Relation!, binding.Column!, cancellationToken);
            }
        }

        return await FollowAsync(new JoinedColumns(plan), [.. bindings.Values], cancellationToken);
    }

    private async Task<string?> FollowAsync(JoinedColumns joined, List<ParameterBinding> bindings, CancellationToken cancellationToken)
    {
        foreach (var key in index.Keys)
        {
            var bound = bindings.Find(binding => binding.IsWith(index, key));
            var column = RowPath.KeyOf(key) is ['"', .., '"'] name ? new ColumnOf(new PlanRelation(index.Schema, index.Table), name[1..^1]) : null;
            if (bound is null && (column is null || !joined.IsAsked(column)))
            {
                continue;
            }

            var values = bound is not null ? Of(bound.Relation!, bound.Column!) : await ColumnAsync(column!.Relation, column.Column, cancellationToken);
            if (values?.IsEvenTo(CostRule.CommonShare) == true)
            {
                // Whatever is asked for, it finds few.
                return null;
            }

            if (bound is null && !await LeadsToAsync(joined, bindings, column!, values, cancellationToken))
            {
                return $"its column {column!.Column} is asked for through a join or a subquery and has values that are common, and which values of the parameters lead to them cannot be told";
            }
        }

        return null;
    }

    private async Task<bool> LeadsToAsync(JoinedColumns joined, List<ParameterBinding> bindings, ColumnOf column, ColumnValues? values, CancellationToken cancellationToken)
    {
        foreach (var common in (values?.Common ?? []).Take(MostKeys))
        {
            if (await LeadsToAsync(joined, bindings, column, common, cancellationToken))
            {
                return true;
            }
        }

        return false;
    }

    // From the key of the large table to the rows that are joined with it, and on from these.
    private async Task<bool> LeadsToAsync(JoinedColumns joined, List<ParameterBinding> bindings, ColumnOf column, string key, CancellationToken cancellationToken)
    {
        var (found, seen, next) = (false, new HashSet<PlanRelation> { column.Relation }, new List<(ColumnOf Column, string Value)> { (column, key) });
        for (var joins = 0; joins < MostJoins && next.Count > 0; joins++)
        {
            var reached = new List<(ColumnOf Column, string Value)>();
            foreach (var (at, value) in next.SelectMany(one => joined.EqualTo(one.Column).Where(other => seen.Add(other.Relation)).Select(other => (other, one.Value))).ToList())
            {
                foreach (var binding in bindings.Where(binding => binding.Relation == at.Relation && binding.Use is ParameterUse.Equal or ParameterUse.AnyOf))
                {
                    if (_known.GetValueOrDefault((at.Relation, binding.Column!)) is { } known && await JoinedAsync(at, value, binding.Column!, binding.IsExpression, cancellationToken) is { } leading)
                    {
                        _known[(at.Relation, binding.Column!)] = known with { Joined = leading };
                        found = true;
                    }
                }

                foreach (var other in joined.Of(at.Relation).Where(other => other != at))
                {
                    if (await JoinedAsync(at, value, other.Column, isExpression: false, cancellationToken) is { } onward)
                    {
                        reached.Add((other, onward));
                    }
                }
            }

            next = reached;
        }

        return found;
    }

    private async Task<string?> JoinedAsync(ColumnOf by, string value, string wanted, bool isExpression, CancellationToken cancellationToken) =>
        wanted == by.Column && !isExpression ? value
        : await AskAsync("Performance/Optimize/Sql/JoinedValue.sql", [by.Relation.Schema, by.Relation.Name, by.Column, wanted, isExpression], [value], cancellationToken);

    private async Task<ColumnValues?> ColumnAsync(PlanRelation relation, string column, CancellationToken cancellationToken)
    {
        var known = await session.QueryAsync(
            "Performance/Optimize/Sql/ColumnValues.sql",
            row => new ColumnValues(row.GetFieldValue<string[]>(0), row.GetFieldValue<string[]>(1)) { Shares = row.GetFieldValue<double[]>(2), NullShare = row.GetDouble(3) },
            cancellationToken,
            relation.Schema,
            relation.Name,
            column);
        return known is [var values, ..] ? await WithRareAsync(values, relation, column, isExpression: false, cancellationToken) : null;
    }

    // Nothing volatile runs: reading must change nothing. What others have made the guard finds out.
    private async Task<ColumnValues?> SampledAsync(PlanRelation relation, string expression, CancellationToken cancellationToken)
    {
        if (!mayRead || (await session.QueryAsync("Performance/Optimize/Sql/CalledFunctions.sql", row => row.GetString(0), cancellationToken, ReadOnlyRule.Names([expression]).ToArray(), expression)).Count > 0
            || await AskAsync("Performance/Optimize/Sql/ExpressionSample.sql", [relation.Schema, relation.Name, expression], [], cancellationToken) is not { } json)
        {
            return null;
        }

        using var document = JsonDocument.Parse(json);
        return ColumnValues.Of([.. document.RootElement.EnumerateArray().Select(one => (one[0].GetString(), one[1].GetInt64()))]) is { } values
            ? await WithRareAsync(values, relation, expression, isExpression: true, cancellationToken)
            : null;
    }

    private async Task<ColumnValues> WithRareAsync(ColumnValues values, PlanRelation relation, string column, bool isExpression, CancellationToken cancellationToken) =>
        values is { MayHaveOthers: true, Rare: null } && mayRead
            ? values with { Rare = await AskAsync("Performance/Optimize/Sql/OtherValue.sql", [relation.Schema, relation.Name, column, isExpression], [TrialRunner.Literal(values.Common)], cancellationToken) }
            : values;

    // The server writes the query, since it quotes names; none where what is asked for may not be read so.
    private async Task<string?> AskAsync(string writer, IReadOnlyList<object> names, IReadOnlyList<string> values, CancellationToken cancellationToken) =>
        mayRead && await session.QueryAsync(writer, row => row.GetString(0), cancellationToken, [.. names]) is [var query] ? await runner.ValueAsync(query, values, timeout, cancellationToken) : null;
}
