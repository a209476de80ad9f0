namespace Maintenance;

/// <summary>The one exception that crosses from the engine: a stable code, a sentence, and what to do next.</summary>
/// <remarks>The message and the recommendation never hold a secret. Inner exceptions stay inside the engine.</remarks>
public sealed class MaintenanceException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="code">Stable identifier.</param>
    /// <param name="message">What happened, in one sentence.</param>
    /// <param name="recommendation">What to do next.</param>
    /// <param name="detail">Technical detail for the verbose stream, such as the server's own words.</param>
    public MaintenanceException(MaintenanceErrorCode code, string message, string recommendation, string? detail = null)
        : base(message)
    {
        Code = code;
        Recommendation = recommendation;
        Detail = detail;
    }

    /// <summary>Stable identifier of the condition.</summary>
    public MaintenanceErrorCode Code { get; }

    /// <summary>What to do next.</summary>
    public string Recommendation { get; }

    /// <summary>Technical detail, such as the server's own words.</summary>
    public string? Detail { get; }
}
