namespace Maintenance;

/// <summary>
/// The verdict of a check. The order is that of attention: the worst of several is the greatest.
/// </summary>
/// <remarks>
/// <see cref="Unknown"/> ranks above <see cref="Warning"/>: a check that could not run may hide anything,
/// so it is never reported as healthy and never outranked by something that was at least measured.
/// </remarks>
public enum HealthStatus
{
    /// <summary>Measured, and within its limits.</summary>
    Ok = 0,

    /// <summary>Measured, and past the limit at which somebody should look.</summary>
    Warning = 1,

    /// <summary>Could not be measured. Never healthy.</summary>
    Unknown = 2,

    /// <summary>Measured, and past the limit at which somebody must act now.</summary>
    Critical = 3,
}
