using System.Globalization;
using Maintenance.Engine.Maintain;

namespace Maintenance.Engine.Retention;

/// <summary>What a table holds for a policy, counted.</summary>
/// <param name="Due">Rows that may go.</param>
/// <param name="Held">Rows that are past their age, and held.</param>
/// <param name="WithoutAge">Rows whose time is null or infinite.</param>
/// <param name="Oldest">Time of the oldest that may go.</param>
internal sealed record RetentionCounts(long Due, long Held, long WithoutAge, DateTimeOffset? Oldest);

/// <summary>Says what a policy would do. Pure.</summary>
internal static class RetentionPlanner
{
    /// <summary>The plan of a policy whose table may be touched.</summary>
    public static RetentionResult Plan(
        string target, RetentionPolicy policy, PolicyFacts facts, CutOff cutOff, RetentionCounts counts, RetentionStatements statements, string? destination, IReadOnlyList<string> notes, PastActions past, DateTimeOffset now, PartitionPlan partitions)
    {
        var moves = partitions.Steps.SelectMany(step => new[] { step.Detach, new PartitionStatements(facts, statements).Place(step.Partition.QuotedName, step.Partition.BoundText) });
        var result = Of(target, policy, facts.Database, facts.Table.Schema, facts.Table.Name, facts.Table.Oid, now) with
        {
            CutOff = cutOff.Moment,
            Destination = destination,
            Notes = [.. notes, .. partitions.Notes],
            Partitions = counts.Due == 0 ? [] : [.. partitions.Steps.Select(step => step.Partition.Name)],
            RowsDue = counts.Due,
            RowsHeld = policy.LegalHold is null ? null : counts.Held,
            RowsWithoutAge = counts.WithoutAge,
            OldestDue = counts.Oldest,
            Sql = policy.Action == RetentionAction.ArchiveToBlob ? new ArchiveStatements(statements, facts).Plan(byPages: facts.TimeIndexes.Count == 0) : [.. moves, statements.Batch],
            Lock = partitions.Lock ?? "ROW EXCLUSIVE; the rows of one batch at a time",
        };
        if (counts.Due == 0)
        {
            return result with { State = StepState.Skipped, Message = $"No row is past its age.{Held(counts, policy)}" };
        }

        var (duration, from) = RetentionActions.Predict(past, policy, result, counts.Due);
        return result with
        {
            State = StepState.Planned,
            Message = string.Create(
                CultureInfo.InvariantCulture,
                $"{counts.Due:N0} row(s) from before {cutOff.Moment.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC are to be {Participle(policy.Action)}{(destination is null ? "" : $" to {destination}")}.{Held(counts, policy)}"),
            PredictedDuration = duration,
            PredictedFrom = from,
        };
    }

    /// <summary>A policy that may not run.</summary>
    public static RetentionResult Refuse(string target, string database, RetentionPolicy policy, PolicyFacts? facts, MaintenanceException reason, DateTimeOffset now)
    {
        var reference = NameOf(policy);
        return Of(target, policy, database, facts?.Table.Schema ?? reference.Schema, facts?.Table.Name ?? reference.Name, facts?.Table.Oid ?? 0, now) with
        {
            State = StepState.Failed,
            Message = reason.Message,
            Error = reason.Code,
            Recommendation = reason.Recommendation,
            Destination = policy.Destination,
        };
    }

    /// <summary>What a policy came to.</summary>
    public static RetentionResult Finish(RetentionResult planned, RetentionTally tally, long? left, MaintenanceException? failure, bool wasCancelled, DateTimeOffset started, TimeSpan duration)
    {
        var reason = failure ?? tally.PutOff;
        var state = wasCancelled ? StepState.Cancelled : failure is not null ? StepState.Failed : tally.PutOff is not null || left > 0 ? StepState.Deferred : StepState.Done;
        return planned with
        {
            State = state,
            Error = wasCancelled ? MaintenanceErrorCode.Cancelled : reason?.Code,
            Message = Describe(planned, tally, left, reason, wasCancelled),
            Recommendation = wasCancelled ? "What was done stays done. Run it again for the rest." : reason?.Recommendation ?? (left > 0 ? "Rows that others held locked, or that came in meanwhile, come first in the next run; those that a trigger keeps will stay." : null),
            Rows = tally.Rows,
            RowsLeft = left,
            Bytes = tally.Bytes,
            StoredBytes = tally.StoredBytes,
            Batches = tally.Batches,
            WorstBatch = tally.WorstBatch,
            WalBytes = tally.WalBytes,
            Partitions = tally.Partitions,
            Notes = [.. planned.Notes, .. tally.Notes],
            Manifest = tally.Manifest,
            Sha256 = tally.Sha256,
            Verified = tally.Verified,
            Verification = tally.Verification,
            StartedAt = started,
            Duration = duration,
        };
    }

    private static string Describe(RetentionResult planned, RetentionTally tally, long? left, MaintenanceException? reason, bool wasCancelled)
    {
        var done = string.Create(CultureInfo.InvariantCulture, $"{tally.Rows:N0} row(s) {Participle(planned.Action)}{(planned.Destination is null ? "" : $" to {planned.Destination}")}{(tally.Verified == true ? ", verified" : "")}{(left > 0 ? $"; {left:N0} are left" : "")}.");
        return wasCancelled ? $"It was stopped. {done}" : reason is null ? done : $"{reason.Message} {done}";
    }

    private static RetentionResult Of(string target, RetentionPolicy policy, string database, string schema, string name, long oid, DateTimeOffset now) => new()
    {
        Target = target,
        Database = database,
        Schema = schema,
        Name = name,
        Oid = oid,
        Policy = policy,
        State = StepState.Planned,
        Message = "",
        StartedAt = now,
    };

    private static (string Schema, string Name) NameOf(RetentionPolicy policy)
    {
        try
        {
            var reference = new DbObjectReference(policy.Table);
            return (reference.Schema ?? "", reference.Name ?? policy.Table);
        }
        catch (ArgumentException)
        {
            return ("", policy.Table ?? "");
        }
    }

    private static string Held(RetentionCounts counts, RetentionPolicy policy) =>
        policy.LegalHold is null || counts.Held == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" A legal hold keeps {counts.Held:N0}.");

    private static string Participle(RetentionAction action) => action switch
    {
        RetentionAction.Delete => "deleted",
        RetentionAction.Anonymise => "anonymised",
        _ => "archived",
    };
}
