using System.Globalization;

namespace Maintenance.Engine.Maintain;

/// <summary>A table that was asked for by name, or why it cannot be had.</summary>
/// <param name="Relation">The table; null if there is none.</param>
/// <param name="Refused">What is written instead.</param>
internal sealed record VacuumRequest(VacuumRelation? Relation, DbAction? Refused);

/// <summary>Decides what is vacuumed and analyzed, in which order, and what is not and why. Pure.</summary>
internal sealed class VacuumPlanner
{
    /// <summary>What to assume before anything was ever measured. Ours: a slow disk, read once, and its indexes with it.</summary>
    private const double AssumedBytesPerSecond = 40 << 20;

    /// <summary>ANALYZE looks at this many pages for each unit of the statistics target, however large the table.</summary>
    private const int PagesPerStatisticsTarget = 300;

    /// <summary>Key of <see cref="DbAction.Effect"/>: it is the whole of so many partitions.</summary>
    public const string Partitions = "Partitions";

    private const string PutOffBefore = "an earlier run put it off";

    private readonly string _target;
    private readonly VacuumFacts _facts;
    private readonly VacuumOptions _options;
    private readonly PastActions _past;
    private readonly DateTimeOffset _now;
    private readonly VacuumStatement _statement;
    private readonly Dictionary<long, VacuumRelation> _relations;
    private readonly ILookup<long, VacuumRelation> _partitions;
    private readonly Dictionary<(DbActionKind Kind, long Oid), int> _deferred;

    private VacuumPlanner(string target, VacuumFacts facts, VacuumOptions options, PastActions past, DateTimeOffset now)
    {
        (_target, _facts, _options, _past, _now) = (target, facts, options, past, now);
        _statement = new VacuumStatement(facts.MajorVersion, options);
        _relations = facts.Relations.ToDictionary(relation => relation.Oid);
        _partitions = facts.Relations.Where(relation => relation.Parent is not null).ToLookup(relation => relation.Parent!.Value);
        var names = facts.Relations.ToDictionary(relation => (relation.Schema, relation.Name));
        _deferred = past.Deferred(facts.Database, DbActionKind.Vacuum).Concat(past.Deferred(facts.Database, DbActionKind.Analyze))
            .Select((action, order) => (action, order, relation: names.GetValueOrDefault((action.Schema, action.Name))))
            .Where(owed => owed.relation is not null && IsStillOwed(owed.action, owed.relation))
            .ToDictionary(owed => (owed.action.Kind, owed.relation!.Oid), owed => owed.order);
    }

    /// <summary>Makes the plan.</summary>
    /// <param name="target">Name of the target.</param>
    /// <param name="facts">What the server said.</param>
    /// <param name="requested">The tables that were asked for; null for all.</param>
    /// <param name="options">What the caller wants.</param>
    /// <param name="past">What was done before.</param>
    /// <param name="now">The time.</param>
    public static VacuumPlan Plan(
        string target, VacuumFacts facts, IReadOnlyList<VacuumRequest>? requested, VacuumOptions options, PastActions past, DateTimeOffset now) =>
        new VacuumPlanner(target, facts, options, past, now).Plan(requested);

    private VacuumPlan Plan(IReadOnlyList<VacuumRequest>? requested)
    {
        var considered = requested is null
            ? _facts.Relations.Where(relation => _options.IncludeSystem || !relation.IsSystem).ToList()
            : [.. requested.Select(request => request.Relation).OfType<VacuumRelation>().SelectMany(WithPartitions).DistinctBy(relation => relation.Oid)];
        if (_options.Resume)
        {
            considered = [.. considered.Where(relation => IsDeferred(relation, DbActionKind.Vacuum) || IsDeferred(relation, DbActionKind.Analyze))];
        }

        var wholes = considered.Where(relation => relation.IsPartitioned).Select(PlanWhole).OfType<DbAction>().ToList();
        var analyzed = _statement.CanAnalyzeWholeAlone ? [] : wholes.Where(whole => whole.State == StepState.Planned).SelectMany(whole => WithPartitions(_relations[whole.Oid])).Select(relation => relation.Oid).ToHashSet();
        var actions = considered.Where(relation => !relation.IsPartitioned)
            .SelectMany(relation => PlanTable(relation, withStatistics: !analyzed.Contains(relation.Oid), isNamed: requested is not null))
            .ToList();
        return new VacuumPlan
        {
            Target = _target,
            Database = _facts.Database,
            ServerVersion = _facts.ServerVersion,
            Actions = [.. Fit([.. actions.OrderBy(Rank).ThenByDescending(action => action.SizeBytes).ThenBy(action => action.Oid), .. wholes]), .. (requested ?? []).Select(request => request.Refused).OfType<DbAction>()],
            TablesConsidered = considered.Count,
            CollectedAt = _now,
        };
    }

    /// <summary>The action that cannot be had for an object, for the reason given.</summary>
    public static DbAction Refuse(string target, string database, IDbObject item, StepState state, MaintenanceErrorCode? error, string message, string? recommendation, DateTimeOffset now) => new()
    {
        Target = target,
        Database = database,
        Kind = DbActionKind.Vacuum,
        Schema = item.Schema,
        Name = item.Name,
        Oid = item.Oid,
        Sql = "",
        Lock = "",
        State = state,
        Error = error,
        Message = message,
        Recommendation = recommendation,
        StartedAt = now,
    };

    private IEnumerable<DbAction> PlanTable(VacuumRelation relation, bool withStatistics, bool isNamed)
    {
        var need = VacuumNeed.Of(relation, _facts, _options);
        var vacuum = need.Vacuum
            ?? (_options.All || _options.Freeze ? "all tables were asked for" : IsDeferred(relation, DbActionKind.Vacuum) ? PutOffBefore : null);
        var analyze = !withStatistics || _options.Analyze == VacuumAnalyze.Never ? null
            : need.Analyze ?? (vacuum is not null && _options.Analyze == VacuumAnalyze.Always ? "all statistics were asked for" : IsDeferred(relation, DbActionKind.Analyze) ? PutOffBefore : null);
        if (vacuum is not null && HeldBack(relation, need) is { } refused)
        {
            yield return refused;
            vacuum = null;
        }
        else if (vacuum is null && analyze is null && isNamed && !_options.Resume)
        {
            yield return Action(relation, DbActionKind.Vacuum, "", StepState.Skipped, Text($"It is not due: {relation.Heap.DeadRows:N0} dead rows, {relation.ChangedSinceAnalyze:N0} changed since it was analyzed.")) with
            {
                Recommendation = "Take it all the same with -All.",
            };
        }

        if (vacuum is not null)
        {
            var sql = _statement.Vacuum(relation.QuotedName, analyze is not null, _options.Freeze || need.NeedsFreeze);
            yield return Permitted(relation, Action(relation, DbActionKind.Vacuum, sql, StepState.Planned, Sentence(analyze is null ? vacuum : $"{vacuum}; {analyze}"), readsAll: _options.Freeze || need.Wraparound));
        }
        else if (analyze is not null)
        {
            yield return Permitted(relation, Action(relation, DbActionKind.Analyze, _statement.Analyze(relation.QuotedName, isPartitioned: false), StepState.Planned, Sentence(analyze)));
        }
    }

    // What is to be frozen can be, as far as the holder allows; so only the rest is pointless.
    private DbAction? HeldBack(VacuumRelation relation, VacuumNeed need) =>
        !need.Wraparound && !_options.Freeze && HeldBackRule.Judge(relation, _facts, _past.NewestDone(DbActionKind.Vacuum, Identity(relation))) is var (message, holder)
            ? Action(relation, DbActionKind.Vacuum, "", StepState.Skipped, message) with
            {
                Error = MaintenanceErrorCode.HeldBack,
                Recommendation = "Release what holds it back; then it can be vacuumed.",
                Effect = new Dictionary<string, object?> { ["Holder"] = holder.Description, ["DeadRowsBefore"] = relation.Heap.DeadRows },
            }
            : null;

    private DbAction? PlanWhole(VacuumRelation whole)
    {
        // Before PostgreSQL 18 the statistics of a whole come with those of all below it, so only the top is looked at.
        if (_options.Analyze == VacuumAnalyze.Never || (whole.Parent is not null && !_statement.CanAnalyzeWholeAlone))
        {
            return null;
        }

        var partitions = WithPartitions(whole).Where(relation => !relation.IsPartitioned).ToList();
        var reason = VacuumNeed.OfWhole(whole, partitions, _facts, _options) 
            ?? (_options.Analyze == VacuumAnalyze.Always ? "all statistics were asked for" : IsDeferred(whole, DbActionKind.Analyze) ? PutOffBefore : null);
        return reason is null
            ? null
            : Permitted(whole, Action(whole, DbActionKind.Analyze, _statement.Analyze(whole.QuotedName, isPartitioned: true), StepState.Planned, Sentence(reason), partitions.Sum(partition => partition.SizeBytes)) with
            {
                Effect = new Dictionary<string, object?> { [Partitions] = (long)partitions.Count },
            });
    }

    private DbAction Permitted(VacuumRelation relation, DbAction action) => relation.MayMaintain ? action : action with
    {
        State = StepState.Failed,
        Error = MaintenanceErrorCode.PermissionDenied,
        Message = $"The role {_facts.Role} may not maintain it. {action.Message}",
        Recommendation = MaintenanceGrant.For(_facts.MajorVersion, relation.QuotedName, relation.Owner, relation.OwnerIsPowerful, _facts.Role),
    };

    private DbAction Action(VacuumRelation relation, DbActionKind kind, string sql, StepState state, string message, long? size = null, bool readsAll = false)
    {
        var bytes = size ?? relation.SizeBytes;
        var action = new DbAction
        {
            Target = _target,
            Database = _facts.Database,
            Kind = kind,
            Schema = relation.Schema,
            Name = relation.Name,
            Oid = relation.Oid,
            Sql = sql,
            Lock = sql.Length == 0 ? "" : kind == DbActionKind.Vacuum ? _statement.LockOfVacuum : VacuumStatement.Lock,
            SizeBytes = bytes,
            State = state,
            Message = message,
            StartedAt = _now,
        };
        if (sql.Length == 0)
        {
            return action;
        }

        // However large a table is, ANALYZE reads a sample of it.
        var sample = (double)PagesPerStatisticsTarget * _facts.StatisticsTarget * _facts.BlockSize;
        var rate = kind == DbActionKind.Analyze && bytes > sample ? AssumedBytesPerSecond * (bytes / sample) : AssumedBytesPerSecond;
        var work = kind == DbActionKind.Vacuum ? VacuumWork.Of(relation, readsAll) : null;
        var (duration, from) = _past.Predict(kind, action, bytes, rate, work is null ? null : work.IsLike);
        return action with { PredictedDuration = duration, PredictedFrom = from };
    }

    // What earlier runs put off comes first, in the order in which they did; then what is in danger; then the largest, so that the
    // connections end at about the same time.
    private (int, int) Rank(DbAction action) =>
        _deferred.TryGetValue((action.Kind, action.Oid), out var order) ? (0, order)
        : action.Kind == DbActionKind.Analyze ? (3, 0)
        : VacuumNeed.Of(_relations[action.Oid], _facts, _options).Wraparound ? (1, 0)
        : (2, 0);

    // As the connections will do it: each takes the next as soon as it is free.
    private IEnumerable<DbAction> Fit(IReadOnlyList<DbAction> actions)
    {
        if (_options.Deadline is not { } deadline)
        {
            return actions;
        }

        var free = Enumerable.Repeat(_now, Math.Max(1, _options.Parallel)).ToArray();
        return [.. actions.Select(action =>
        {
            if (action.State != StepState.Planned)
            {
                return action;
            }

            var earliest = Array.IndexOf(free, free.Min());
            var ends = free[earliest] + (action.PredictedDuration ?? TimeSpan.Zero);
            if (ends > deadline)
            {
                return PutOff(action, deadline, free[earliest]);
            }

            free[earliest] = ends;
            return action;
        })];
    }

    /// <summary>The action, put off because it would not be over in time.</summary>
    public static DbAction PutOff(DbAction action, DateTimeOffset deadline, DateTimeOffset from) => action with
    {
        State = StepState.Deferred,
        Error = MaintenanceErrorCode.DoesNotFit,
        Message = from >= deadline
            ? "The time was up."
            : Text($"It would take about {Seconds(action.PredictedDuration ?? TimeSpan.Zero)} ({action.PredictedFrom}), and {Seconds(deadline - from)} were left."),
        Recommendation = "It comes first in the next run. If it never fits, allow more time.",
    };

    private bool IsDeferred(VacuumRelation relation, DbActionKind kind) => _deferred.ContainsKey((kind, relation.Oid));

    // Put off and not done by anybody since.
    private static bool IsStillOwed(DbAction action, VacuumRelation relation) =>
        !((action.Kind == DbActionKind.Vacuum ? relation.LastVacuum : relation.LastAnalyze) > action.StartedAt);

    private IEnumerable<VacuumRelation> WithPartitions(VacuumRelation relation) => _partitions[relation.Oid].SelectMany(WithPartitions).Prepend(relation);

    private DbAction Identity(VacuumRelation relation) => Action(relation, DbActionKind.Vacuum, "", StepState.Planned, "");

    private static string Sentence(string text) => text.Length == 0 ? text : $"{char.ToUpperInvariant(text[0])}{text[1..]}.";

    private static string Seconds(TimeSpan time) => time.TotalMinutes < 2 ? Text($"{time.TotalSeconds:0.0} s") : Text($"{time.TotalMinutes:0} min");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
