using Npgsql;

namespace Maintenance.Engine.Retention;

/// <summary>What errors of the server mean for a batch. Every one of them has taken the batch back whole.</summary>
internal static class BatchErrors
{
    /// <summary>Whether somebody else was in the way, so that it may go better the next time.</summary>
    public static bool IsContention(MaintenanceException exception) => exception.Code is MaintenanceErrorCode.LockTimeout or MaintenanceErrorCode.BlockedOthers;

    /// <summary>An error that has a meaning of its own here; null for others. Values of rows, which are in the server's details, stay out of it.</summary>
    public static MaintenanceException? Translate(PostgresException error, PolicyFacts facts)
    {
        var table = facts.Table.QuotedName;
        var constraint = error.ConstraintName is null ? "" : $" ({error.ConstraintName})";
        return error.SqlState switch
        {
            PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.LockNotAvailable => new MaintenanceException(
                MaintenanceErrorCode.LockTimeout, $"Rows of {table} are locked by others: {error.MessageText}.", "Somebody else holds them. Try again when they are done.", error.SqlState),
            PostgresErrorCodes.UniqueViolation when facts.Archive is { } archive => new MaintenanceException(
                MaintenanceErrorCode.DestinationUnfit,
                $"The archive {archive.QuotedName} has a row already with the key of one that should move there{constraint}; the batch was taken back, and both tables are as they were.",
                $"Find them: SELECT … FROM {table} JOIN {archive.QuotedName} USING (…) over the columns of the constraint. Delete the copies in the archive if they are the same rows, or drop the constraint.",
                error.SqlState),
            PostgresErrorCodes.ForeignKeyViolation when facts.ReferringTables.Any(other => Unquoted(other.QuotedName) == error.ConstraintName) => new MaintenanceException(
                MaintenanceErrorCode.RetentionRefused,
                $"Rows of another table still refer to rows of {table} that are past their age{constraint}; the batch was taken back.",
                "Give the other table a policy with a lower order, whose rows go first, or keep these rows by a legal hold.",
                error.SqlState),
            // Of a constraint the server would say the name.
            PostgresErrorCodes.CheckViolation when facts.Archive is { IsPartitioned: true } archive && error.ConstraintName is null => new MaintenanceException(
                MaintenanceErrorCode.DestinationUnfit,
                $"The archive {archive.QuotedName} has no partition for a row that should move there; the batch was taken back.",
                $"Make one: CREATE TABLE … PARTITION OF {archive.QuotedName} FOR VALUES FROM (…) TO (…); or a DEFAULT partition.",
                error.SqlState),
            PostgresErrorCodes.NotNullViolation or PostgresErrorCodes.CheckViolation or PostgresErrorCodes.ForeignKeyViolation or PostgresErrorCodes.ExclusionViolation
                or PostgresErrorCodes.NumericValueOutOfRange or PostgresErrorCodes.StringDataRightTruncation when facts.Archive is { } archive => new MaintenanceException(
                MaintenanceErrorCode.DestinationUnfit,
                $"The archive {archive.QuotedName} does not take a row: {error.MessageText}{constraint}. The batch was taken back.",
                $"Loosen the constraint of {archive.QuotedName}, or mend the rows.",
                error.SqlState),
            PostgresErrorCodes.StringDataRightTruncation or PostgresErrorCodes.CheckViolation or PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.NotNullViolation => new MaintenanceException(
                MaintenanceErrorCode.MappingInvalid,
                $"{table} does not take what the policy writes: {error.MessageText}{constraint}. The batch was taken back.",
                "Choose another way to anonymise that column: Null, or Pseudonym where values must differ.",
                error.SqlState),
            PostgresErrorCodes.UndefinedTable when facts.Archive is { } archive => new MaintenanceException(
                MaintenanceErrorCode.ObjectNotFound,
                $"{table} or its archive {archive.QuotedName} is gone: {error.MessageText}. The batch was taken back.",
                "Create the archive again, or correct the policy.",
                error.SqlState),
            _ => null,
        };
    }

    private static string Unquoted(string name) => name.StartsWith('"') ? name[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal) : name;
}
