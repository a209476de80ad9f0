namespace Maintenance;

/// <summary>What a subject may try with the rows of a table.</summary>
public enum RowCommand
{
    /// <summary>Read them.</summary>
    Select = 0,

    /// <summary>Add rows like those that are there.</summary>
    Insert = 1,

    /// <summary>Change them.</summary>
    Update = 2,

    /// <summary>Change rows so that they belong to whom other rows belong to.</summary>
    Move = 3,

    /// <summary>Delete them.</summary>
    Delete = 4,
}
