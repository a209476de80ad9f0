using Maintenance.Engine.Maintain;
using Maintenance.Engine.Performance.Indexes;

namespace Maintenance.Engine.Performance.Optimize;

/// <summary>The table that an index is to be built on, as it is now. Names of roles and the schema are quoted by the server.</summary>
internal sealed record BuildPlace(
    string Schema, string Table, char Kind, char Persistence, bool IsOwner, bool MayCreate, string Owner, string User, string QuotedSchema, bool NameIsTaken);

/// <summary>Whether an index may be built. Pure.</summary>
internal static class BuildRule
{
    /// <summary>Why it may not be built at all; null if it may.</summary>
    /// <param name="index">The index.</param>
    /// <param name="place">Its table; null if it is gone.</param>
    public static MaintenanceException? WhyNever(MissingIndex index, BuildPlace? place) => place switch
    {
        null => Never(MaintenanceErrorCode.ObjectNotFound, $"The table {index.Schema}.{index.Table} is gone.", "Ask for recommendations again."),
        _ when place.Schema != index.Schema || place.Table != index.Table => Never(
            MaintenanceErrorCode.ObjectNotFound, $"The table is {place.Schema}.{place.Table} by now, not {index.Schema}.{index.Table}.", "Ask for recommendations again."),
        { IsOwner: false } => Never(
            MaintenanceErrorCode.PermissionDenied,
            $"Only the owner of {index.Schema}.{index.Table} may build an index on it, and {place.User} is not.",
            $"Connect as {place.Owner}, or: GRANT {place.Owner} TO {place.User}; which gives all its rights."),
        { MayCreate: false } => Never(
            MaintenanceErrorCode.PermissionDenied, $"{place.User} may not create anything in the schema {place.QuotedSchema}.", $"GRANT CREATE ON SCHEMA {place.QuotedSchema} TO {place.User};"),
        { Kind: not ('r' or 'm') } => Never(
            MaintenanceErrorCode.InvalidArgument,
            "PostgreSQL cannot build an index of a partitioned table concurrently.",
            "Build it on each partition, then create it ON ONLY the parent, and attach those."),
        { Persistence: 't' } => Never(MaintenanceErrorCode.InvalidArgument, "It is a temporary table.", "Build it in the session that has made the table."),
        { NameIsTaken: true } => Never(MaintenanceErrorCode.InvalidArgument, $"There is something named {index.Name} in the schema already.", "Ask for recommendations again."),
        _ => null,
    };

    /// <summary>Why a build would wait in vain; null if it need not.</summary>
    public static MaintenanceException? WhyNotNow(IReadOnlyList<Obstacle> obstacles, MissingIndex index) =>
        obstacles.FirstOrDefault(obstacle => obstacle.Relation == 0 || obstacle.Relation == index.TableOid) is { } first
            ? new MaintenanceException(MaintenanceErrorCode.HeldBack, $"Its build would have to wait: {first}.", first.Recommendation)
            : null;

    /// <summary>What passes by itself, and is put off.</summary>
    public static bool IsForLater(MaintenanceErrorCode code) => code is
        MaintenanceErrorCode.LockTimeout or MaintenanceErrorCode.BlockedOthers or MaintenanceErrorCode.HeldBack
        or MaintenanceErrorCode.UnsafeNow or MaintenanceErrorCode.AlreadyRunning or MaintenanceErrorCode.DoesNotFit;

    private static MaintenanceException Never(MaintenanceErrorCode code, string message, string recommendation) => new(code, message, recommendation);
}
