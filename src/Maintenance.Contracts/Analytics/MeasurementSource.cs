namespace Maintenance;

/// <summary>Where figures came from.</summary>
public enum MeasurementSource
{
    /// <summary>An edge function answered.</summary>
    Function = 0,

    /// <summary>They were computed from the database's own tables and statistics.</summary>
    Database,
}

/// <summary>Where figures shall come from.</summary>
public enum MeasurementSourceChoice
{
    /// <summary>The edge function where it is configured and answers, else the database; the result says which, and why.</summary>
    Auto = 0,

    /// <summary>The edge function and nothing else; an error where it does not answer.</summary>
    Function,

    /// <summary>The database's own tables and statistics; no function is asked.</summary>
    Database,
}
