using System.Data.Common;
using Newtonsoft.Json;
using Newtonsoft.Json.Converters;

namespace Maintenance.Engine.History;

/// <summary>Tests of backups as the history keeps them.</summary>
internal static class VerificationRows
{
    private static readonly JsonSerializerSettings Settings = new() { Converters = { new StringEnumConverter() }, DateParseHandling = DateParseHandling.DateTimeOffset };

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
                new JsonText(Write(verification))),
        ];
    }

    public static HistoryStatement Of(string target, string store, string name) =>
        new("ReadVerifications", StorableText.Of(target), StorableText.Of(store), StorableText.Of(name));

    public static HistoryStatement Of(string target) => new("ReadLedger", StorableText.Of(target));

    /// <summary>Reads a row; null for one that a newer version wrote in words that this one does not know.</summary>
    public static VerificationEntry? Read(string target, DbDataReader row)
    {
        try
        {
            return JsonConvert.DeserializeObject<BackupVerification>(row.GetString(0), Settings) is { } verification
                ? new VerificationEntry(target, verification, row.GetString(1))
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // NUL is the one character that neither database keeps in a text.
    private static string Write(BackupVerification verification) =>
        JsonConvert.SerializeObject(verification, Settings).Replace("\\u0000", "", StringComparison.Ordinal);
}
