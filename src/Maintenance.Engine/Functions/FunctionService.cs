namespace Maintenance.Engine.Functions;

/// <summary>Asks a target's edge functions.</summary>
public sealed class FunctionService
{
    internal FunctionService(TimeProvider time) => _ = time;

    /// <summary>Asks any function for any action. Known actions are checked and typed.</summary>
    /// <param name="target">The target.</param>
    /// <param name="function">Name of the function.</param>
    /// <param name="action">The action.</param>
    /// <param name="arguments">Further fields of the request's body.</param>
    /// <param name="call">What the call brings along; its timeout is the total deadline.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="MaintenanceException">NotConfigured, Function….</exception>
    public Task<EdgeFunctionResponse> InvokeAsync(
        MaintenanceTarget target,
        string function,
        string action,
        IReadOnlyDictionary<string, object?> arguments,
        CallContext call,
        CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Asks functions how they are, all at once, one request each. What fails is in the result.</summary>
    /// <param name="target">The target.</param>
    /// <param name="functions">Their names; null for the four of the guide.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    /// <exception cref="MaintenanceException">NotConfigured.</exception>
    public Task<IReadOnlyList<EdgeFunctionHealth>> TestAsync(
        MaintenanceTarget target, IReadOnlyList<string>? functions, CallContext call, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Asks for an action this module knows.</summary>
    internal Task<T> CallAsync<T>(
        MaintenanceTarget target,
        FunctionAction<T> action,
        IReadOnlyDictionary<string, object?> arguments,
        CallContext call,
        CancellationToken cancellationToken) => throw new NotImplementedException();
}
