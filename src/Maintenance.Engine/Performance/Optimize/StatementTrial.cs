using System.Globalization;
using Maintenance.Engine.Database;
using Maintenance.Engine.Performance.Indexes;
using Npgsql;

namespace Maintenance.Engine.Performance.Optimize;

/// <summary>What a statement does with one set of values.</summary>
/// <param name="Cost">The planner's estimate.</param>
/// <param name="Milliseconds">Execution time; null if it was not executed.</param>
/// <param name="Blocks">Blocks touched; null if it was not executed.</param>
internal sealed record SetResult(double Cost, double? Milliseconds, double? Blocks);

/// <summary>A statement's plans, and how long it took.</summary>
/// <param name="GenericCost">The planner's estimate for values that it does not know.</param>
/// <param name="Sets">With each set of values, in the order of <see cref="StatementTrial.Sets"/>; none where none could be had.</param>
/// <param name="Indexes">Names of the indexes that are used.</param>
internal sealed record TrialResult(double GenericCost, IReadOnlyList<SetResult> Sets, IReadOnlySet<string> Indexes);

/// <summary>
/// One statement of somebody else, tried before and after a change in the same way: planned with unknown values, and with values out of the statistics
/// of its columns, each set that the application may ask for; and, if it only reads, executed with these. The values are
/// data: they go to the server as parameters, stay in this object's memory, and are nowhere shown.
/// </summary>
internal sealed class StatementTrial(DatabaseSession session, WorkloadItem item, MissingIndex index, bool execute)
{
    /// <summary>So many sets of values are tried; of what takes long, fewer.</summary>
    private const int MostSets = 8;
    private const int MostSlowSets = 4;

    private static readonly TimeSpan PlanTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LeastTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan MostTimeout = TimeSpan.FromSeconds(60);

    /// <summary>What takes less is run three times at least, since the first may have read from disk; what takes longer, twice.</summary>
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1);

    /// <summary>What is over quickly is run again until this has passed, ten times at most: the less there is to measure, the more the load of the machine counts.</summary>
    private static readonly TimeSpan LeastMeasured = TimeSpan.FromMilliseconds(300);
    private const int MostRepetitions = 9;

    private readonly HashSet<string> _used = [];

    // As the search for indexes has planned it; a limit stays a parameter, which gets a value.
    private string _text = (StatementText.ToPrepare(item.Statement.Text, null) ?? item.Statement.Text).TrimEnd().TrimEnd(';');
    private IReadOnlyList<ValueSet> _thoughtOf = [];
    private IReadOnlyDictionary<int, ParameterBinding> _bindings = new Dictionary<int, ParameterBinding>();
    private TrialRunner? _runner;
    private TrialStatistics? _statistics;
    private string? _whyRowsMustTell;
    private bool _mayBePlanned = true;
    private bool _mayBeExecuted;
    private bool _isChosen;
    private bool _isForLater;

    /// <summary>The statement.</summary>
    public WorkloadItem Item => item;

    /// <summary>Why it was not planned or executed, if it was not.</summary>
    public string? NotMeasured { get; private set; }

    /// <summary>It could be planned, and nothing that may be gone soon is why nothing is proved by it.</summary>
    public bool IsLeftToAPerson => _isChosen && !_isForLater;

    /// <summary>The sets that it is tried with, once it was.</summary>
    public IReadOnlyList<TriedSet> Sets { get; private set; } = [];

    /// <summary>Tries it.</summary>
    /// <param name="cancellationToken">Cancels what runs on the server.</param>
    /// <returns>The result; null if nothing would be proved by it, or it could not even be planned.</returns>
    public async Task<TrialResult?> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_runner is null)
            {
                await PrepareAsync(cancellationToken);
            }

            if (!_mayBePlanned || (await _runner!.GenericAsync(_text, cancellationToken)).Plan is not { } generic)
            {
                NotMeasured = _runner?.Refusal ?? NotMeasured;
                return null;
            }

            _used.Clear();
            _used.UnionWith(generic.Indexes);
            if (!_isChosen)
            {
                _mayBePlanned = await ChooseAsync(generic, cancellationToken);
                _isChosen = true;
                return _mayBePlanned ? Result([.. Sets.Select(one => new SetResult(one.Estimate.Cost, one.Milliseconds, one.Blocks))]) : null;
            }

            var again = new List<SetResult>();
            foreach (var one in Sets)
            {
                again.Add(await AgainAsync(one, cancellationToken));
            }

            return Result(again);

            TrialResult Result(IReadOnlyList<SetResult> sets) => new(generic.Cost, sets, _used.ToHashSet());
        }
        catch (MaintenanceException exception) when (exception.Code != MaintenanceErrorCode.DatabaseUnreachable)
        {
            NotMeasured = Reason(exception, PlanTimeout);
            return null;
        }
    }

    // What the server says of a statement may quote it; the code is enough.
    private string Reason(MaintenanceException exception, TimeSpan timeout)
    {
        _isForLater |= exception.Code is MaintenanceErrorCode.StatementTimeout || BuildRule.IsForLater(exception.Code);
        return Sentence(exception, timeout);
    }

    private string Sentence(MaintenanceException exception, TimeSpan timeout) => exception.Code switch
    {
        MaintenanceErrorCode.PermissionDenied => $"{session.User} may not read its tables",
        MaintenanceErrorCode.StatementTimeout => string.Create(CultureInfo.InvariantCulture, $"it takes longer than {timeout.TotalSeconds:0} s"),
        MaintenanceErrorCode.LockTimeout => "its tables are locked",
        MaintenanceErrorCode.ObjectNotFound => "it names something that is not to be found here",
        _ => $"the server cannot plan it by its text ({exception.Detail ?? exception.Code.ToString()})",
    };

    private double? Counted => item.Statement.RowsPerCall;

    private double Mean => item.Statement.TotalMilliseconds / Math.Max(1, item.Statement.Calls);

    // One more than come back on the average. Where there are no more it has to look at everything, as it does in truth; where the limit is
    // what ends it, one row more costs next to nothing.
    private long Rows => Counted is { } rows ? (long)Math.Ceiling(rows) + 1 : 10;

    private TimeSpan Timeout
    {
        get
        {
            var usual = TimeSpan.FromMilliseconds(3 * Mean);
            return usual < LeastTimeout ? LeastTimeout : usual > MostTimeout ? MostTimeout : usual;
        }
    }

    private async Task PrepareAsync(CancellationToken cancellationToken)
    {
        _runner = new TrialRunner(session, (await session.QueryAsync("Performance/Optimize/Sql/NameSearch.sql", row => row.GetString(0), cancellationToken, item.User))[0]);
        NotMeasured = ReadOnlyRule.WhyNotPlanned(_text);
        if (NotMeasured is not null)
        {
            _mayBePlanned = false;
            return;
        }

        var (generic, parameters) = await FirstAsync(cancellationToken);
        if (generic is not { } plan)
        {
            return;
        }

        NotMeasured = execute ? ReadOnlyRule.WhyNotExecuted(_text, plan, await CalledAsync([_text, .. plan.Expressions], cancellationToken)) : "measuring is off";
        _mayBeExecuted = NotMeasured is null;
        _bindings = ParameterBindings.Find(_text, plan);
        _statistics = new TrialStatistics(session, _runner, index, execute, Timeout);
        var whyRowsMustTell = await _statistics.ReadAsync(plan, _bindings, cancellationToken);
        // Without parameters there is nothing that could be another each time.
        _whyRowsMustTell = parameters > 0 ? whyRowsMustTell : null;
        (_thoughtOf, var missing) = TrialValues.Choose(parameters, _bindings, ValuesOf, Rows);
        NotMeasured ??= missing is { } number
            ? string.Create(CultureInfo.InvariantCulture, $"a value for its parameter ${number} cannot be told from statistics")
            : null;
    }

    private ColumnValues? ValuesOf(PlanRelation relation, string column) => _statistics!.Of(relation, column);

    /// <summary>Chooses the sets of values that the application may ask for, and tries them.</summary>
    /// <returns>Whether what is found out proves anything.</returns>
    private async Task<bool> ChooseAsync(PlanTree generic, CancellationToken cancellationToken)
    {
        var isAnswered = RowPath.IsAnsweredBy(generic.Root, index);
        var asked = new AskedSets(Counted, Mean, isAnswered);
        var planned = await PlannedAsync(cancellationToken);
        if (planned.Count == 0)
        {
            if (CostRule.WhyNot(generic, Counted, index, _bindings, ValuesOf) is { } why)
            {
                NotMeasured = $"it was not executed ({NotMeasured}), and its cost proves nothing: {why}";
                return false;
            }

            return true;
        }

        if (_whyRowsMustTell is { } untold && !(isAnswered && Counted is not null))
        {
            NotMeasured = untold;
            return false;
        }

        var likely = asked.ByEstimate(planned);
        if (likely.Count == 0)
        {
            NotMeasured = AskedSets.NoSuchValues(Counted!.Value);
            return false;
        }

        Sets = asked.Pick(likely, Mean > Short.TotalMilliseconds ? MostSlowSets : MostSets);
        if (_mayBeExecuted)
        {
            try
            {
                var (executed, whyNone) = await ExecuteAsync(asked, Sets, cancellationToken);
                (Sets, NotMeasured) = (executed, whyNone);
                return whyNone is null;
            }
            catch (MaintenanceException exception) when (exception.Code != MaintenanceErrorCode.DatabaseUnreachable)
            {
                // Planned it can be all the same.
                (NotMeasured, _mayBeExecuted) = (Reason(exception, Timeout), false);
            }
        }

        Sets.ToList().ForEach(one => _used.UnionWith(one.Estimate.Indexes));
        return true;
    }

    private async Task<IReadOnlyList<TriedSet>> PlannedAsync(CancellationToken cancellationToken)
    {
        try
        {
            return [.. _thoughtOf.Zip(await _runner!.PlansAsync(_text, _thoughtOf, cancellationToken), (set, plan) => new TriedSet(set, plan))];
        }
        catch (MaintenanceException exception) when (exception.Code != MaintenanceErrorCode.DatabaseUnreachable)
        {
            NotMeasured ??= $"it cannot be planned with values of the columns that its parameters seem to be compared with ({exception.Detail ?? exception.Code.ToString()})";
            return [];
        }
    }

    private async Task<(IReadOnlyList<TriedSet> Sets, string? WhyNone)> ExecuteAsync(AskedSets asked, IReadOnlyList<TriedSet> sets, CancellationToken cancellationToken)
    {
        var once = new List<TriedSet>();
        foreach (var one in sets)
        {
            once.Add(With(one, await OnceAsync(one.Set, cancellationToken)));
        }

        var (byRows, whyNone) = asked.ByRows(once);
        var repeated = new List<TriedSet>();
        foreach (var one in byRows)
        {
            repeated.Add(one with { Milliseconds = await RepeatedAsync(one.Set, one.Milliseconds!.Value, cancellationToken) });
        }

        return whyNone is null ? asked.ByTime(repeated) : ([], whyNone);
    }

    private TriedSet With(TriedSet one, PlanTree plan)
    {
        _used.UnionWith(plan.Indexes);
        return one with { Estimate = plan, Returned = plan.ReturnedRows, Milliseconds = plan.Milliseconds, Blocks = plan.Blocks ?? 0 };
    }

    private async Task<SetResult> AgainAsync(TriedSet before, CancellationToken cancellationToken)
    {
        if (!_mayBeExecuted)
        {
            var plan = (await _runner!.PlansAsync(_text, [before.Set], cancellationToken))[0];
            _used.UnionWith(plan.Indexes);
            return new SetResult(plan.Cost, null, null);
        }

        try
        {
            var after = With(before, await OnceAsync(before.Set, cancellationToken));
            return new SetResult(after.Estimate.Cost, await RepeatedAsync(before.Set, after.Milliseconds!.Value, cancellationToken), after.Blocks);
        }
        catch (MaintenanceException exception) when (exception.Code == MaintenanceErrorCode.StatementTimeout)
        {
            // It was quick enough before.
            return new SetResult(before.Estimate.Cost, Math.Max(Timeout.TotalMilliseconds, before.Milliseconds!.Value), before.Blocks);
        }
    }

    private async Task<double> RepeatedAsync(ValueSet set, double first, CancellationToken cancellationToken)
    {
        var (least, sum) = (first, first);
        for (var again = 0; again < MostRepetitions && (again < (first < Short.TotalMilliseconds ? 2 : 1) || sum < LeastMeasured.TotalMilliseconds); again++)
        {
            var time = (await OnceAsync(set, cancellationToken)).Milliseconds!.Value;
            (least, sum) = (Math.Min(least, time), sum + time);
        }

        return least;
    }

    private async Task<PlanTree> OnceAsync(ValueSet set, CancellationToken cancellationToken) =>
        await _runner!.ExecuteAsync(_text, set, Timeout, cancellationToken)
        ?? throw new MaintenanceException(MaintenanceErrorCode.PermissionDenied, _runner.Refusal!, "Ask the owner of what it would run.");

    private async Task<(PlanTree? Plan, int Parameters)> FirstAsync(CancellationToken cancellationToken)
    {
        var left = new Queue<string>(StatementText.WithDays(_text));
        while (true)
        {
            try
            {
                return await _runner!.GenericAsync(_text, cancellationToken);
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
}
