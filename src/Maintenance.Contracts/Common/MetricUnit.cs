namespace Maintenance;

/// <summary>The unit of a metric's value.</summary>
public enum MetricUnit
{
    /// <summary>A plain number.</summary>
    None = 0,

    /// <summary>0 to 100, where 100 is the whole.</summary>
    Percent,

    /// <summary>Milliseconds.</summary>
    Milliseconds,

    /// <summary>Seconds.</summary>
    Seconds,

    /// <summary>Bytes.</summary>
    Bytes,

    /// <summary>A number of things.</summary>
    Count,

    /// <summary>Things per second.</summary>
    PerSecond,
}
