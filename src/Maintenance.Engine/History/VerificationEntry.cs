namespace Maintenance.Engine.History;

/// <summary>A test of a backup, as the history keeps it.</summary>
/// <param name="Target">Name of the maintained system.</param>
/// <param name="Verification">What the test came to.</param>
/// <param name="Scope">What was asked of it besides its level, in a form that can be compared: other questions have other answers.</param>
internal sealed record VerificationEntry(string Target, BackupVerification Verification, string Scope);
