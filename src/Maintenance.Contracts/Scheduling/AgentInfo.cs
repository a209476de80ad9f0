namespace Maintenance;

/// <summary>An agent that has begun.</summary>
/// <param name="Instance">Its name.</param>
/// <param name="Cluster">Whom it shares the work with; null for an agent alone.</param>
/// <param name="Endpoint">Where it tells health, metrics and status; null for nowhere.</param>
/// <param name="LogPath">Its log.</param>
public sealed record AgentInfo(string Instance, string? Cluster, Uri? Endpoint, string LogPath);
