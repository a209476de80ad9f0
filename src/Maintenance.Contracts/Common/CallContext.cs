namespace Maintenance;

/// <summary>What one call brings along from the cmdlet to the engine.</summary>
/// <param name="Sink">Where to tell what is happening.</param>
/// <param name="Secrets">Where to read secrets that only the session can reach.</param>
/// <param name="Timeout">How long the whole call may take; null for the default of the operation.</param>
/// <param name="RunId">The run that it is part of, for what is recorded on the way; null for a call by itself.</param>
public sealed record CallContext(IMaintenanceSink Sink, ISecretVault Secrets, TimeSpan? Timeout = null, Guid? RunId = null);
