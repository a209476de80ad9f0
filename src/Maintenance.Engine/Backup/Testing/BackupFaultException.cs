namespace Maintenance.Engine.Backup.Testing;

/// <summary>A check found what makes further ones pointless. Never leaves the area: it becomes the verdict.</summary>
/// <param name="check">Name of the check.</param>
/// <param name="level">The level it belongs to.</param>
/// <param name="fault">What is wrong.</param>
/// <param name="message">One sentence.</param>
/// <param name="recommendation">What to do next.</param>
/// <param name="isOurs">True where that fault is not the backup's, but of what is known here.</param>
internal sealed class BackupFaultException(string check, BackupLevel level, BackupFault fault, string message, string recommendation, bool isOurs = false) : Exception(message)
{
    /// <summary>True for what is wrong here and not with the backup: it cannot be read yet, or not on this machine.</summary>
    public bool IsOurs => isOurs || Fault is BackupFault.None or BackupFault.Archived or BackupFault.NoSpace or BackupFault.Encrypted or BackupFault.NewerVersion;

    public BackupFault Fault { get; } = fault;

    public string Recommendation { get; } = recommendation;

    public BackupCheck ToCheck() => new(check, level, IsOurs ? FindingOutcome.Unknown : FindingOutcome.Fail, Message, Fault);
}
