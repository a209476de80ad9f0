using System.Data;
using System.Globalization;
using System.Text;
using Maintenance.Engine.Database;
using Maintenance.Engine.Inspect;
using Maintenance.Engine.Performance.Indexes;
using Maintenance.Engine.Performance.Planning;
using Npgsql;
using NpgsqlTypes;

namespace Maintenance.Engine.Performance.Optimize;

/// <summary>A plan, and how long it took.</summary>
/// <param name="GenericCost">The planner's estimate for values that it does not know.</param>
/// <param name="Cost">Its estimate for those that it was executed with, median over them; null if it was not executed.</param>
/// <param name="Time">Execution time, median over the values; null if it was not executed.</param>
/// <param name="Blocks">Blocks touched, median over the values; null if it was not executed.</param>
/// <param name="Indexes">Names of the indexes that are used.</param>
internal sealed record TrialResult(double GenericCost, double? Cost, TimeSpan? Time, double? Blocks, IReadOnlySet<string> Indexes);

/// <summary>
/// One statement of somebody else, tried before and after a change in the same way: planned with unknown values, and, if it only reads,
/// executed with values out of the statistics of its columns, in a transaction that may only read and is rolled back. The values are
/// data: they go to the server as parameters, stay in this object's memory, and are nowhere shown.
/// </summary>
internal sealed class StatementTrial(DatabaseSession session, WorkloadItem item, bool execute)
{
    private static readonly TimeSpan PlanTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LeastTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan MostTimeout = TimeSpan.FromSeconds(60);

    /// <summary>What takes less is run three times, since the first may have read from disk; what takes longer, twice.</summary>
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1);

    // As the search for indexes has planned it; a limit stays a parameter, which gets a value.
    private string _text = (StatementText.ToPrepare(item.Statement.Text, null) ?? item.Statement.Text).TrimEnd().TrimEnd(';');
    private IReadOnlyList<IReadOnlyList<string>> _values = [];
    private readonly PlanningGuard _guard = new(session);
    private bool _haveRowsAgreed;
    private bool _isPrepared;
    private bool _mayBePlanned;
    private string _searchPath = "";

    /// <summary>The statement.</summary>
    public WorkloadItem Item => item;

    /// <summary>Why it was not planned or executed, if it was not.</summary>
    public string? NotMeasured { get; private set; }

    /// <summary>Tries it.</summary>
    /// <param name="cancellationToken">Cancels what runs on the server.</param>
    /// <returns>The result; null if it could not even be planned.</returns>
    public async Task<TrialResult?> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (!_isPrepared)
            {
                await PrepareAsync(cancellationToken);
                _isPrepared = true;
            }

            if (!_mayBePlanned)
            {
                return null;
            }

            if ((await GenericAsync(cancellationToken)).Plan is not { } generic)
            {
                return null;
            }

            if (await ExecuteAsync(generic, cancellationToken) is { } executed)
            {
                return executed;
            }

            if (generic.Rows.IsExceededBy(item.Statement.RowsPerCall))
            {
                NotMeasured = Say.Text($"it was not executed ({NotMeasured}), and its cost proves nothing: its calls returned {PlannedRows.Say(item.Statement.RowsPerCall!.Value)} on the average, its plan is for {PlannedRows.Say(generic.Rows.Most)}");
                return null;
            }

            return new TrialResult(generic.Cost, null, null, null, generic.Indexes);
        }
        catch (MaintenanceException exception) when (exception.Code != MaintenanceErrorCode.DatabaseUnreachable)
        {
            NotMeasured = Reason(exception, PlanTimeout);
            return null;
        }
    }

    // What the server says of a statement may quote it; the code is enough.
    private string Reason(MaintenanceException exception, TimeSpan timeout) => exception.Code switch
    {
        MaintenanceErrorCode.PermissionDenied => $"{session.User} may not read its tables",
        MaintenanceErrorCode.StatementTimeout => string.Create(CultureInfo.InvariantCulture, $"it takes longer than {timeout.TotalSeconds:0} s"),
        MaintenanceErrorCode.LockTimeout => "its tables are locked",
        MaintenanceErrorCode.ObjectNotFound => "it names something that is not to be found here",
        _ => $"the server cannot plan it by its text ({exception.Detail ?? exception.Code.ToString()})",
    };

    // One more than come back on the average. Where there are no more it has to look at everything, as it does in truth; where the limit is
    // what ends it, one row more costs next to nothing.
    private long Rows => item.Statement.RowsPerCall is { } rows ? (long)Math.Ceiling(rows) + 1 : 10;

    private TimeSpan Timeout
    {
        get
        {
            var usual = TimeSpan.FromMilliseconds(3 * item.Statement.TotalMilliseconds / Math.Max(1, item.Statement.Calls));
            return usual < LeastTimeout ? LeastTimeout : usual > MostTimeout ? MostTimeout : usual;
        }
    }

    private async Task PrepareAsync(CancellationToken cancellationToken)
    {
        NotMeasured = ReadOnlyRule.WhyNotPlanned(_text);
        _mayBePlanned = NotMeasured is null;
        if (!_mayBePlanned)
        {
            return;
        }

        _searchPath = (await session.QueryAsync("Performance/Optimize/Sql/NameSearch.sql", row => row.GetString(0), cancellationToken, item.User))[0];
        var (generic, parameters) = await FirstAsync(cancellationToken);
        _mayBePlanned = generic is not null;
        if (generic is not { } plan)
        {
            return;
        }

        if (!execute)
        {
            NotMeasured = "measuring is off";
            return;
        }

        var called = await CalledAsync([_text, .. plan.Expressions], cancellationToken);
        NotMeasured = ReadOnlyRule.WhyNotExecuted(_text, plan, called);
        if (NotMeasured is not null)
        {
            return;
        }

        var bindings = ParameterBindings.Find(_text, plan);
        var values = new Dictionary<(PlanRelation, string), ColumnValues?>();
        foreach (var binding in bindings.Values.Where(binding => binding.Relation is not null))
        {
            values[(binding.Relation!, binding.Column!)] = await ValuesAsync(binding.Relation!, binding.Column!, cancellationToken);
        }

        (_values, var missing) = TrialValues.Choose(parameters, bindings, (relation, column) => values.GetValueOrDefault((relation, column)), Rows);
        NotMeasured = missing is { } number
            ? string.Create(CultureInfo.InvariantCulture, $"a value for its parameter ${number} cannot be told from statistics")
            : null;
        if (_values.Count > 0)
        {
            _values = await LikelyAsync(_values, cancellationToken);
        }
    }

    // Those whose rows are nearest to what the server has counted for a call. Fewer by far is another question than the application asks; more is only
    // harder for an index, which has to find them.
    private async Task<IReadOnlyList<IReadOnlyList<string>>> LikelyAsync(IReadOnlyList<IReadOnlyList<string>> sets, CancellationToken cancellationToken)
    {
        if (item.Statement.RowsPerCall is not { } counted)
        {
            return [.. sets.Take(TrialValues.Sets)];
        }

        var rows = await WithinAsync(
            "force_custom_plan",
            PlanTimeout,
            async (connection, token) =>
            {
                var found = new List<PlannedRows>();
                for (var at = 0; at < sets.Count && await IsAllowedAsync(connection, at == 0, token); at++)
                {
                    found.Add(PlanTree.Read((await ReadAsync(connection, $"EXPLAIN {SqlText.Mark} (FORMAT JSON) {_text}", sets[at], token))!).Rows);
                }

                return found;
            },
            cancellationToken);
        var likely = sets.Zip(rows).Where(pair => !pair.Second.IsExceededBy(counted))
            .OrderBy(pair => Math.Round(Math.Log2(pair.Second.Distance(counted))))
            .Select(pair => pair.First)
            .Take(TrialValues.Sets)
            .ToList();
        NotMeasured = likely.Count == 0 ? NoSuchValues(counted) : NotMeasured;
        return likely;
    }

    private static string NoSuchValues(double counted) =>
        Say.Text($"its calls returned {PlannedRows.Say(counted)} on the average, and no values that statistics know of return nearly as many: which the application asks for cannot be told");

    private async Task<(PlanTree? Plan, int Parameters)> FirstAsync(CancellationToken cancellationToken)
    {
        var left = new Queue<string>(StatementText.WithDays(_text));
        while (true)
        {
            try
            {
                return await GenericAsync(cancellationToken);
            }
            catch (MaintenanceException exception) when (exception.Detail == PostgresErrorCodes.UndefinedFunction && left.Count > 0)
            {
                _text = left.Dequeue();
            }
        }
    }

    private async Task<IReadOnlyList<string>> CalledAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken) => await session.QueryAsync(
        "Performance/Optimize/Sql/CalledFunctions.sql",
        row => row.GetString(0),
        cancellationToken,
        ReadOnlyRule.Names(texts).ToArray(),
        string.Join('\n', texts));

    private async Task<ColumnValues?> ValuesAsync(PlanRelation relation, string column, CancellationToken cancellationToken) => (await session.QueryAsync(
        "Performance/Optimize/Sql/ColumnValues.sql",
        row => new ColumnValues(row.GetFieldValue<string[]>(0), row.GetFieldValue<string[]>(1)),
        cancellationToken,
        relation.Schema,
        relation.Name,
        column)) is [var known, ..] ? known : null;

    // A prepared statement knows the number of its parameters, and its generic plan needs no values. So on every version.
    private Task<(PlanTree? Plan, int Parameters)> GenericAsync(CancellationToken cancellationToken) => WithinAsync(
        "force_generic_plan",
        PlanTimeout,
        async (connection, token) =>
        {
            if (!await IsAllowedAsync(connection, token))
            {
                return (null, 0);
            }

            var parameters = int.Parse((await ReadAsync(connection, SqlText.ReadMarked("Performance/Optimize/Sql/TrialParameters.sql"), [], token))!, CultureInfo.InvariantCulture);
            var values = parameters == 0 ? "" : $"({string.Join(", ", Enumerable.Repeat("NULL", parameters))})";
            return ((PlanTree?)PlanTree.Read((await ReadAsync(connection, $"EXPLAIN {SqlText.Mark} (FORMAT JSON, VERBOSE) EXECUTE maintenance_trial{values}", [], token))!), parameters);
        },
        cancellationToken);

    // Prepared it is locked against being redefined, and nothing of it has run yet.
    private async Task<bool> IsAllowedAsync(NpgsqlConnection connection, bool isFirst, CancellationToken cancellationToken) => !isFirst || await IsAllowedAsync(connection, cancellationToken);

    private async Task<bool> IsAllowedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await ReadAsync(connection, $"PREPARE {SqlText.Mark} maintenance_trial AS {_text}", [], cancellationToken);
        var refusal = await _guard.WhyNotAsync(_text, _searchPath, cancellationToken);
        NotMeasured = refusal ?? NotMeasured;
        return refusal is null;
    }

    private async Task<TrialResult?> ExecuteAsync(PlanTree generic, CancellationToken cancellationToken)
    {
        if (_values.Count == 0)
        {
            return null;
        }

        try
        {
            return await ExecuteAllAsync(generic, cancellationToken);
        }
        catch (MaintenanceException exception) when (exception.Code != MaintenanceErrorCode.DatabaseUnreachable)
        {
            // Planned it can be all the same.
            (NotMeasured, _values) = (Reason(exception, Timeout), []);
            return null;
        }
    }

    private async Task<TrialResult?> ExecuteAllAsync(PlanTree generic, CancellationToken cancellationToken)
    {
        var agreeing = new List<IReadOnlyList<string>>();
        var (costs, times, blocks, indexes) = (new List<double>(), new List<double>(), new List<double>(), new HashSet<string>(generic.Indexes));
        foreach (var values in _values)
        {
            if (await OnceAsync(values, cancellationToken) is not { } plan)
            {
                return null;
            }

            // The estimate was no better than the statistics are. What was measured before is measured after.
            if (!_haveRowsAgreed && new PlannedRows(plan.ReturnedRows, plan.ReturnedRows ?? 0).IsExceededBy(item.Statement.RowsPerCall))
            {
                continue;
            }

            agreeing.Add(values);
            var time = plan.Milliseconds!.Value;
            for (var again = 0; again < (TimeSpan.FromMilliseconds(time) < Short ? 2 : 1); again++)
            {
                time = Math.Min(time, (await OnceAsync(values, cancellationToken))?.Milliseconds ?? time);
            }

            costs.Add(plan.Cost);
            times.Add(time);
            // The same for each execution, whatever else the machine does.
            blocks.Add(plan.Blocks ?? 0);
            indexes.UnionWith(plan.Indexes);
        }

        (_values, _haveRowsAgreed) = (agreeing, true);
        if (agreeing.Count == 0)
        {
            NotMeasured = NoSuchValues(item.Statement.RowsPerCall!.Value);
            return null;
        }

        return new TrialResult(generic.Cost, Median(costs), TimeSpan.FromMilliseconds(Median(times)), Median(blocks), indexes);
    }

    private Task<PlanTree?> OnceAsync(IReadOnlyList<string> values, CancellationToken cancellationToken) => WithinAsync(
        "force_custom_plan",
        Timeout,
        async (connection, token) => await IsAllowedAsync(connection, token)
            ? PlanTree.Read((await ReadAsync(connection, $"EXPLAIN {SqlText.Mark} (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {_text}", values, token))!)
            : null,
        cancellationToken);

    private Task<T> WithinAsync<T>(string planCacheMode, TimeSpan timeout, Func<NpgsqlConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken) => session.RunAsync(
        async (connection, token) =>
        {
            await using var transaction = await connection.BeginTransactionAsync(token);
            try
            {
                await ReadAsync(
                    connection,
                    SqlText.ReadMarked("Performance/Optimize/Sql/Trial.sql"),
                    [_searchPath, ((long)timeout.TotalMilliseconds).ToString(CultureInfo.InvariantCulture), planCacheMode],
                    token);
                return await work(connection, token);
            }
            finally
            {
                if (connection.State == ConnectionState.Open)
                {
                    await transaction.RollbackAsync(CancellationToken.None);
                    await ReadAsync(connection, $"DEALLOCATE {SqlText.Mark} ALL", [], CancellationToken.None);
                }
            }
        },
        cancellationToken);

    // One statement a message: whatever a text holds, it cannot bring another along. Values have no type of their own, so the server gives them one.
    private static async Task<string?> ReadAsync(NpgsqlConnection connection, string sql, IReadOnlyList<string> values, CancellationToken cancellationToken)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value, NpgsqlDbType = NpgsqlDbType.Unknown });
        }

        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { command } };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var text = new StringBuilder();
        while (await reader.ReadAsync(cancellationToken))
        {
            text.Append(reader.GetValue(0));
        }

        return text.Length == 0 ? null : text.ToString();
    }

    private static double Median(List<double> values)
    {
        var ordered = values.Order().ToList();
        return ordered.Count % 2 == 1 ? ordered[ordered.Count / 2] : (ordered[ordered.Count / 2 - 1] + ordered[ordered.Count / 2]) / 2;
    }
}
