namespace Maintenance;

/// <summary>An issue, and what came of it.</summary>
/// <param name="Finding">The issue as it was found.</param>
/// <param name="Repair">What its repair came to; null if nobody tried one.</param>
/// <param name="Gone">What is measured now, if it was measured to be gone without a repair of its own; null otherwise.</param>
/// <param name="Reason">Why nobody tried a repair, in one sentence; null where there is nothing to say.</param>
public sealed record RepairedIssue(Finding Finding, SystemRepair? Repair, string? Gone = null, string? Reason = null);
