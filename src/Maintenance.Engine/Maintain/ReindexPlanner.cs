using System.Globalization;

namespace Maintenance.Engine.Maintain;

/// <summary>What a plan is made from.</summary>
internal sealed record ReindexFacts
{
    public required string Target { get; init; }

    public required string Database { get; init; }

    /// <summary>As in server_version_num.</summary>
    public required int ServerVersionNumber { get; init; }

    public required PreflightFacts Server { get; init; }

    public IReadOnlyList<Obstacle> Obstacles { get; init; } = [];

    public PastActions Past { get; init; } = PastActions.None;

    public required ReindexOptions Options { get; init; }

    public required DateTimeOffset Now { get; init; }
}

/// <summary>Decides what is done to an index, and says why not where nothing is. Pure.</summary>
internal static class ReindexPlanner
{
    /// <summary>
    /// What a rebuild is assumed to do where no history says better. Ours: half of what one core of a small server did with b-trees of
    /// 20 to 80 MB in memory (70 to 85 MB/s; the benchmark p6 measures it again), since disks and other work slow it down.
    /// </summary>
    public const double AssumedBytesPerSecond = 40 << 20;

    /// <summary>Space it takes for a while, in relation to the index: the copy, and what sorting it spills.</summary>
    public const double SpaceFactor = 1.1;

    public const string RebuildLock = "SHARE UPDATE EXCLUSIVE; brief waits for older transactions";

    public const string DropLock = "SHARE UPDATE EXCLUSIVE; waits for transactions that use the table";

    /// <summary>The rebuild of one index.</summary>
    /// <param name="facts">What is known.</param>
    /// <param name="index">The index.</param>
    /// <param name="ofTable">All indexes of its table.</param>
    public static DbAction Rebuild(ReindexFacts facts, IndexState index, IReadOnlyList<IndexState> ofTable)
    {
        var action = Action(facts, index, DbActionKind.Reindex, index.ReindexSql, RebuildLock);
        var (duration, from) = facts.Past.Predict(DbActionKind.Reindex, action, index.SizeBytes, AssumedBytesPerSecond);
        action = action with { PredictedDuration = duration, PredictedFrom = from };

        if (WhyNever(facts, index, ofTable) is { } reason)
        {
            // Where there is nothing to do it is left; where there is, and one may not, that is a failure, as it is for VACUUM.
            var state = reason.Code == MaintenanceErrorCode.PermissionDenied ? StepState.Failed : StepState.Skipped;
            return action with { State = state, Sql = "", Message = reason.Message, Recommendation = reason.Recommendation, Error = reason.Code };
        }

        if (WhyNotNow(facts, index) is { } obstacle)
        {
            return PutOff(action, obstacle);
        }

        return facts.Options.Deadline is { } deadline && facts.Now + duration > deadline
            ? PutOff(action, DoesNotFit(duration, deadline))
            : action with
            {
                Message = index.IsOwner
                    ? "It is rebuilt beside the old one, which serves until the new one is complete."
                    : $"It is rebuilt with the MAINTAIN privilege. Should that be interrupted, only {index.Owner} can drop what is left.",
            };
    }

    /// <summary>Dropping what a concurrent build has left.</summary>
    /// <param name="facts">What is known.</param>
    /// <param name="index">The invalid index.</param>
    /// <param name="why">What it is, as a sentence.</param>
    public static DbAction Drop(ReindexFacts facts, IndexState index, string why)
    {
        var action = Action(facts, index, DbActionKind.DropInvalidIndex, index.DropSql, DropLock) with { Message = why };
        if (!index.IsOwner)
        {
            return action with
            {
                State = StepState.Failed,
                Error = MaintenanceErrorCode.PermissionDenied,
                Message = $"{why} Only its owner {index.Owner} can drop it.",
                Recommendation = $"As {index.Owner}: {index.DropSql};",
            };
        }

        if (index.WorkedOnBy is { } process)
        {
            return action with
            {
                State = StepState.Skipped,
                Error = MaintenanceErrorCode.AlreadyRunning,
                Message = string.Create(CultureInfo.InvariantCulture, $"Server process {process} is at work on its table: it may be building this very index."),
                Recommendation = "Look again when it has ended.",
            };
        }

        // Snapshots do not matter here; whoever uses the table does.
        return Obstacles.Judge([.. facts.Obstacles.Where(obstacle => obstacle.Relation != 0)], index) is { } obstacle ? PutOff(action, obstacle) : action;
    }

    /// <summary>What to do about an invalid index of the database.</summary>
    /// <param name="facts">What is known.</param>
    /// <param name="index">The invalid index.</param>
    /// <param name="ofTable">All indexes of its table.</param>
    public static DbAction Repair(ReindexFacts facts, IndexState index, IReadOnlyList<IndexState> ofTable)
    {
        if (index.Kind != 'I' && InvalidIndexLineage.MadeSuperfluousBy(index, ofTable) is { } other)
        {
            return Drop(facts, index, $"A concurrent rebuild of {other.Name} left it: every write maintains it, and no query uses it.");
        }

        var twin = ofTable.FirstOrDefault(same => same.IsValid && same.TableOid == index.TableOid && same.Shape == index.Shape);
        var (message, recommendation) = index switch
        {
            { Kind: 'I' } => ("It is a partitioned index that lacks its counterpart on a partition; nothing is left over.", $"Create the missing index on the partition, and ALTER INDEX {index.QualifiedName} ATTACH PARTITION it."),
            { WorkedOnBy: { } process } => (string.Create(CultureInfo.InvariantCulture, $"Server process {process} is at work on its table, and may be building it."), "Look again when it has ended."),
            _ when twin is not null => (
                $"Its build never came to an end. {twin.QualifiedName} is like it, but by its name no rebuild left it: somebody may want both.",
                $"If not, drop it: {index.DropSql};"),
            _ => (
                "Its build never came to an end, and no other index does its work: dropping it would lose its definition.",
                $"Build it: Invoke-DbReindex -Index '{index.QualifiedName}'. If it is unique, look for duplicates first. Or drop it: {index.DropSql};"),
        };
        return Action(facts, index, DbActionKind.DropInvalidIndex, "", DropLock) with { State = StepState.Skipped, Message = message, Recommendation = recommendation };
    }

    /// <summary>Something that is no index, or cannot be found.</summary>
    public static DbAction Refuse(ReindexFacts facts, DbObjectReference reference, StepState state, MaintenanceException reason, Database.Relation? relation = null) => new()
    {
        Target = facts.Target,
        Database = facts.Database,
        Kind = DbActionKind.Reindex,
        Schema = relation?.Schema ?? reference.Schema ?? "",
        Name = relation?.Name ?? reference.Name ?? reference.ToString(),
        Oid = relation?.Oid ?? reference.Oid ?? 0,
        Sql = "",
        Lock = "",
        State = state,
        Message = reason.Message,
        Error = state == StepState.Failed ? reason.Code : null,
        Recommendation = reason.Recommendation,
        StartedAt = facts.Now,
    };

    /// <summary>Why an index must wait; null if it need not.</summary>
    public static MaintenanceException? WhyNotNow(ReindexFacts facts, IndexState index) =>
        index.WorkedOnBy is { } process
            ? new MaintenanceException(
                MaintenanceErrorCode.AlreadyRunning,
                string.Create(CultureInfo.InvariantCulture, $"Server process {process} has a maintenance lock on its table: a VACUUM, or another build."),
                "Wait until it has ended.")
            : Preflight.Judge(facts.Target, facts.Server, (long)(index.SizeBytes * SpaceFactor), index.TableOid) ?? Obstacles.Judge(facts.Obstacles, index);

    /// <summary>An action that comes first next time.</summary>
    public static DbAction PutOff(DbAction action, MaintenanceException reason) => action with
    {
        State = StepState.Deferred,
        Message = reason.Message,
        Error = reason.Code,
        Recommendation = reason.Recommendation,
    };

    /// <summary>The reason of what would not end in time.</summary>
    public static MaintenanceException DoesNotFit(TimeSpan predicted, DateTimeOffset deadline) => new(
        MaintenanceErrorCode.DoesNotFit,
        string.Create(CultureInfo.InvariantCulture, $"It is predicted to take {predicted.TotalSeconds:0.#} s, and all must be over by {deadline.UtcDateTime:u}."),
        "It comes first next time. Allow a longer window.");

    private static MaintenanceException? WhyNever(ReindexFacts facts, IndexState index, IReadOnlyList<IndexState> ofTable)
    {
        if (index.IsOthersTemporary || index.Persistence == 't')
        {
            return Never(MaintenanceErrorCode.InvalidArgument, "It belongs to a temporary table, which only its own session can maintain.", "It goes with that session.");
        }

        if (index.IsSystem)
        {
            return Never(
                MaintenanceErrorCode.InvalidArgument,
                "It belongs to the system's catalogues, which cannot be rebuilt while others use them.",
                $"In a maintenance window, as a superuser: REINDEX INDEX {index.QualifiedName};");
        }

        if (index.Kind == 'I')
        {
            return Never(MaintenanceErrorCode.InvalidArgument, "It is a partitioned index without partitions: it has no pages of its own.", "There is nothing to do.");
        }

        if (index.IsExclusion)
        {
            return Never(
                MaintenanceErrorCode.InvalidArgument,
                "It enforces an exclusion constraint, and PostgreSQL cannot rebuild such an index while others write.",
                $"In a maintenance window, since it blocks writers: REINDEX INDEX {index.QualifiedName};");
        }

        if (facts.ServerVersionNumber is >= 140000 and < 140004)
        {
            return Never(
                MaintenanceErrorCode.ServerVersionNotSupported,
                "PostgreSQL 14.0 to 14.3 can corrupt an index that is rebuilt concurrently (bug 17485).",
                "Install PostgreSQL 14.4 or later first.");
        }

        if (!index.IsOwner && !index.MayMaintain)
        {
            return Never(
                MaintenanceErrorCode.PermissionDenied,
                $"It belongs to {index.Owner}, and {index.User} may not maintain it.",
                MaintenanceGrant.For(facts.ServerVersionNumber / 10000, index.Table, index.Owner, index.OwnerIsPowerful, index.User));
        }

        if (!index.ReachesSchema)
        {
            return Never(
                MaintenanceErrorCode.PermissionDenied,
                $"{index.User} may not use the schema {index.QuotedSchema}.",
                $"GRANT USAGE ON SCHEMA {index.QuotedSchema} TO {index.User};");
        }

        if (index.IsValid)
        {
            return null;
        }

        if (InvalidIndexLineage.MadeSuperfluousBy(index, ofTable) is { } other)
        {
            return Never(MaintenanceErrorCode.InvalidArgument, $"It is what a concurrent rebuild of {other.Name} has left, and is of no use.", "Invoke-DbReindex -RepairInvalid drops it.");
        }

        return index.TableKind == 't'
            ? Never(MaintenanceErrorCode.InvalidArgument, "It is the invalid index of a TOAST table, which PostgreSQL cannot rebuild concurrently.", $"Drop it: {index.DropSql};")
            : null;
    }

    private static MaintenanceException Never(MaintenanceErrorCode code, string message, string recommendation) => new(code, message, recommendation);

    private static DbAction Action(ReindexFacts facts, IndexState index, DbActionKind kind, string sql, string @lock) => new()
    {
        Target = facts.Target,
        Database = facts.Database,
        Kind = kind,
        Schema = index.Schema,
        Name = index.Name,
        Oid = index.Oid,
        Table = index.Table,
        Sql = sql,
        Lock = @lock,
        SizeBytes = index.SizeBytes,
        State = StepState.Planned,
        Message = "",
        StartedAt = facts.Now,
    };
}
