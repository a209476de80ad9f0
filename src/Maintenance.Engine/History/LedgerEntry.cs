namespace Maintenance.Engine.History;

/// <summary>Where one finding stands, as the history keeps it.</summary>
/// <param name="Finding">The finding as it was seen last.</param>
/// <param name="FirstSeenAt">When it was found first; anew where it had been fixed and came back.</param>
/// <param name="LastSeenAt">When it was found last.</param>
/// <param name="FixedAt">When the same check no longer told of it; null while it is open.</param>
internal sealed record LedgerEntry(Finding Finding, DateTimeOffset FirstSeenAt, DateTimeOffset LastSeenAt, DateTimeOffset? FixedAt);
