namespace Maintenance;

/// <summary>What is to become different in a running sandbox; null for what stays as it is.</summary>
public sealed record SandboxChanges
{
    /// <summary>The faults of its system from now on; none takes all away.</summary>
    public IReadOnlyList<SandboxFault>? Faults { get; init => field = value?.ToArray(); }

    /// <summary>Whether its faults come back whatever is done about them.</summary>
    public bool? StubbornFaults { get; init; }

    /// <summary>What its functions do wrong.</summary>
    public FunctionFault? FunctionFault { get; init; }

    /// <summary>Which functions do it; none for all.</summary>
    public IReadOnlyList<string>? FaultyFunctions { get; init => field = value?.ToArray(); }

    /// <summary>How much longer each answer of a function takes.</summary>
    public TimeSpan? FunctionLatency { get; init; }

    /// <summary>What its webhooks do wrong.</summary>
    public NotificationFault? NotificationFault { get; init; }
}
