using Npgsql;

namespace Maintenance.Engine.Retention;

/// <summary>What a server says about rows that it does not take, without the values in it.</summary>
internal static class RestoreErrors
{
    /// <summary>Whether the server refused a value, not the work.</summary>
    public static bool IsValue(PostgresException error) => error.SqlState.StartsWith("22", StringComparison.Ordinal);

    /// <summary>What the table does not take; null for another kind of error.</summary>
    public static MaintenanceException? Of(PostgresException error, TableFacts destination) => error.SqlState switch
    {
        PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.ExclusionViolation => new MaintenanceException(
            MaintenanceErrorCode.KeyExists,
            $"{destination.QuotedName} has rows with the same key already ({error.ConstraintName}), so nothing of this batch or file was restored.",
            "Leave those rows in the archive with -SkipExisting, or restore into another table with -Destination and compare."),
        PostgresErrorCodes.NotNullViolation => Unfit($"The column {error.ColumnName} of {destination.QuotedName} may not be null by now, and archived rows have null in it.", $"ALTER TABLE {destination.QuotedName} ALTER COLUMN {error.ColumnName} DROP NOT NULL; or restore into another table with -Destination."),
        PostgresErrorCodes.CheckViolation when error.ConstraintName is null => Unfit($"{destination.QuotedName} has no partition for the time of archived rows.", "Create the partitions, or restore into another table with -Destination."),
        PostgresErrorCodes.CheckViolation => Unfit($"Archived rows violate the constraint {error.ConstraintName} of {destination.QuotedName}.", "Restore into another table with -Destination, and change the rows there."),
        PostgresErrorCodes.ForeignKeyViolation => Unfit($"Archived rows refer to rows that are gone by now ({error.ConstraintName} of {destination.QuotedName}).", "Restore the other table first, or into another table with -Destination."),
        _ when IsValue(error) => Unfit($"An archived value does not fit into its column of {destination.QuotedName} ({error.SqlState}).", "Restore into a table of the old types with -Destination."),
        _ => null,
    };

    /// <summary>The column that does not take its values.</summary>
    public static MaintenanceException Column(MappedColumn column, PostgresException error, TableFacts destination) => Unfit(
        $"Archived values of {column.From.Name} ({column.From.Type}) do not fit into {column.To.Name} ({column.To.Type}) of {destination.QuotedName} ({error.SqlState}); nothing of this batch or file was restored.",
        $"Restore into a table of the old type with -Destination, or leave the column out with -IgnoreColumn {column.From.Name}.");

    private static MaintenanceException Unfit(string message, string recommendation) => new(MaintenanceErrorCode.DestinationUnfit, message, recommendation);
}
