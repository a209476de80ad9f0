namespace Maintenance;

/// <summary>How a value is compared with a rule's threshold.</summary>
public enum AlertOperator
{
    /// <summary>Values greater than the threshold are bad; the threshold itself is not.</summary>
    GreaterThan = 0,

    /// <summary>The threshold and values greater than it are bad.</summary>
    GreaterThanOrEqual,

    /// <summary>Values less than the threshold are bad; the threshold itself is not.</summary>
    LessThan,

    /// <summary>The threshold and values less than it are bad.</summary>
    LessThanOrEqual,
}

/// <summary>How bad it is when a rule fires.</summary>
public enum AlertSeverity
{
    /// <summary>Somebody should look.</summary>
    Warning = 0,

    /// <summary>Somebody must act now. Keeps the warnings of the same metric from being told.</summary>
    Critical,
}

/// <summary>What a rule makes of a metric that could not be measured.</summary>
public enum NoDataPolicy
{
    /// <summary>When it lasts as long as <see cref="AlertRule.For"/>, people are told that nobody knows; what fires goes on firing.</summary>
    Alert = 0,

    /// <summary>The state stays what it was, and nobody is told. The alert's Status is Unknown all the same.</summary>
    Keep,

    /// <summary>For a metric that goes away with its object, such as a dropped replica: what fires ends.</summary>
    Ignore,
}
