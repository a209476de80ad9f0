using System.Data.Common;

namespace Maintenance.Engine.History;

/// <summary>Tests of backups as the history keeps them.</summary>
internal static class VerificationRows
{
    public static IReadOnlyList<HistoryStatement> Record(VerificationEntry entry, DateTimeOffset earliest)
    {
        var (verification, backup) = (entry.Verification, entry.Verification.Backup);
        var (target, store, name, level) = (StorableText.Of(entry.Target), StorableText.Of(backup.Store), StorableText.Of(backup.Name), verification.Level.ToString());
        return
        [
            new("PruneVerifications", target, earliest),
            new("DropVerification", target, store, name, level),
            new(
                "WriteVerification",
                target,
                store,
                name,
                StorableText.Of(backup.ETag ?? ""),
                backup.SizeBytes,
                verification.Sha256,
                backup.LastModified,
                level,
                entry.Scope,
                verification.Verdict.ToString(),
                verification.Fault.ToString(),
                verification.VerifiedAt,
                JsonRows.Write(verification)),
        ];
    }

    public static HistoryStatement Of(string target, string store, string name) =>
        new("ReadVerifications", StorableText.Of(target), StorableText.Of(store), StorableText.Of(name));

    public static HistoryStatement Of(string target) => new("ReadLedger", StorableText.Of(target));

    /// <summary>Reads a row; null for one that a newer version wrote in words that this one does not know.</summary>
    public static VerificationEntry? Read(string target, DbDataReader row) =>
        JsonRows.Read<BackupVerification>(row) is { } verification ? new VerificationEntry(target, verification, row.GetString(1)) : null;
}
