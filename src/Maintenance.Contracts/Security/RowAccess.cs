namespace Maintenance;

/// <summary>How much of a table a subject can reach with a command, least first.</summary>
public enum RowAccess
{
    /// <summary>The command is refused.</summary>
    Denied = 0,

    /// <summary>The command is allowed and reaches no row.</summary>
    None = 1,

    /// <summary>Rows are reached, but not all; or so many that they were not all counted.</summary>
    Some = 2,

    /// <summary>Every row is reached.</summary>
    All = 3,
}
