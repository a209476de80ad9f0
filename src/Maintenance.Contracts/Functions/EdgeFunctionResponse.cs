namespace Maintenance;

/// <summary>What an edge function answered.</summary>
public sealed record EdgeFunctionResponse
{
    /// <summary>Name of the maintained system.</summary>
    public required string Target { get; init; }

    /// <summary>Name of the function, such as <c>error-tracking</c>.</summary>
    public required string Function { get; init; }

    /// <summary>The action that was asked for.</summary>
    public required string Action { get; init; }

    /// <summary>Status code of the answer.</summary>
    public required int StatusCode { get; init; }

    /// <summary>How many requests it took; more than one after retries.</summary>
    public required int Attempts { get; init; }

    /// <summary>
    /// The answer: one of the result types for the actions this module knows, or for any other the body as plain objects
    /// (dictionaries, arrays, strings, numbers, Booleans).
    /// </summary>
    public required object? Result { get; init; }

    /// <summary>How long it took, retries included.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>When the answer was there (UTC).</summary>
    public required DateTimeOffset CollectedAt { get; init; }
}
