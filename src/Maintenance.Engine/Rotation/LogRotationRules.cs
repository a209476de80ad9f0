namespace Maintenance.Engine.Rotation;

/// <summary>Which rules apply, and which make no sense. Pure.</summary>
internal static class LogRotationRules
{
    private static readonly TimeSpan CompressAfter = TimeSpan.FromDays(7);
    private static readonly TimeSpan DeleteAfter = TimeSpan.FromDays(90);

    /// <summary>The folders of the artefact store that tasks publish their logs in (guide DL). Reports and audits are nobody's logs.</summary>
    public static IReadOnlyList<string> LogFolders { get; } = ["daily-logs", "weekly-logs", "rotation-logs", "backup-logs", "drill-logs", "security-logs", "performance-logs", "health-logs", "troubleshooting-logs"];

    /// <summary>The rules of a target: its own, or the usual ones for what this module writes by itself.</summary>
    public static IReadOnlyList<LogRotationRule> For(MaintenanceTarget target) => target.LogRotation.Count > 0
        ? target.LogRotation
        :
        [
            new LogRotationRule { Source = LogSource.OwnLogs, CompressAfter = CompressAfter, DeleteAfter = DeleteAfter },
            .. target.ArtifactStore is null ? [] : LogFolders.Select(folder => new LogRotationRule
            {
                Source = LogSource.Store,
                Prefix = $"{folder}/",
                CompressAfter = CompressAfter,
                DeleteAfter = DeleteAfter,
            }),
        ];

    /// <summary>What is wrong with a rule: the setting that is, or null for the rule as a whole, and why.</summary>
    public static IEnumerable<(string? Setting, string Message)> Problems(LogRotationRule rule) =>
        new (string? Setting, bool IsWrong, string Message)[]
        {
            (null, rule.Source == LogSource.Folder && string.IsNullOrEmpty(rule.Path), "A rule needs a \"path\", or a \"source\" that is Store or OwnLogs."),
            ("path", rule.Source != LogSource.Folder && rule.Path is not null, "\"path\" is for a folder only: remove it, or \"source\"."),
            ("recurse", rule.Source != LogSource.Folder && rule.Recurse, "\"recurse\" is for a folder only: a store is taken with everything below its prefix."),
            ("container", rule.Source != LogSource.Store && rule.Container is not null, "\"container\" is for the artefact store only: set \"source\" to \"Store\"."),
            ("prefix", rule.Source != LogSource.Store && rule.Prefix.Length > 0, "\"prefix\" is for the artefact store only: set \"source\" to \"Store\"."),
            ("prefix", LeadsOut(rule.Prefix), "\"prefix\" is the beginning of a name in the store, such as daily-logs/, without '..', backslashes or a slash at its beginning."),
            ("include", rule.Include.Count == 0 || rule.Include.Any(string.IsNullOrEmpty), "\"include\" must name at least one pattern, and none that is empty."),
            (null, rule is { CompressAfter: null, TierAfter: null, DeleteAfter: null, Keep: null, MaximumTotalSize: null },
                "The rule does nothing: it needs one of \"compressAfter\", \"tierAfter\", \"deleteAfter\", \"keep\" and \"maximumTotalSize\"."),
            ("tierAfter", rule.Source != LogSource.Store && rule.TierAfter is not null, "Files in a folder have no tiers: \"tierAfter\" is for an artefact store in Azure Blob Storage."),
            ("tier", rule.Tier is not null && rule.TierAfter is null, "\"tier\" does nothing without \"tierAfter\"."),
            ("compressAfter", rule.CompressAfter >= rule.DeleteAfter, "What would be compressed is deleted by then: \"compressAfter\" must be shorter than \"deleteAfter\"."),
            ("tierAfter", rule.TierAfter >= rule.DeleteAfter, "What would move to the tier is deleted by then: \"tierAfter\" must be shorter than \"deleteAfter\"."),
            ("compressAfter", rule.Tier == LogTier.Archive && rule.CompressAfter > rule.TierAfter, "What is in the archive cannot be read, so it cannot be compressed: \"compressAfter\" must not be longer than \"tierAfter\"."),
            ("keep", rule.Keep < 1, "\"keep\" must be at least 1."),
            ("maximumTotalSize", rule.MaximumTotalSize < 1, "\"maximumTotalSize\" must be more than nothing."),
            ("compressAfter", rule.CompressAfter <= TimeSpan.Zero, "This duration must be longer than nothing."),
            ("tierAfter", rule.TierAfter <= TimeSpan.Zero, "This duration must be longer than nothing."),
            ("deleteAfter", rule.DeleteAfter <= TimeSpan.Zero, "This duration must be longer than nothing."),
            ("quietTime", rule.QuietTime <= TimeSpan.Zero, "This duration must be longer than nothing."),
        }
        .Where(check => check.IsWrong)
        .Select(check => (check.Setting, check.Message));

    /// <summary>What a rule is about, in a few words.</summary>
    public static string Name(LogRotationRule rule)
    {
        var place = rule.Source switch
        {
            LogSource.OwnLogs => "Own logs",
            LogSource.Store => $"Store {rule.Container}{(rule.Container is null ? "" : "/")}{rule.Prefix}".TrimEnd(' ', '/'),
            _ => $"Folder {rule.Path}",
        };
        return rule.Include is ["*"] ? place : $"{place} ({string.Join(", ", rule.Include)})";
    }

    /// <summary>What a rule does, in one sentence.</summary>
    public static string Describe(LogRotationRule rule)
    {
        string?[] parts =
        [
            rule.CompressAfter is { } compress ? $"compress after {Inspect.Say.Duration(compress)}" : null,
            rule.TierAfter is { } tier ? $"move to {rule.Tier ?? LogTier.Cool} after {Inspect.Say.Duration(tier)}" : null,
            rule.DeleteAfter is { } delete ? $"delete after {Inspect.Say.Duration(delete)}" : null,
            rule.MaximumTotalSize is { } size ? $"delete the oldest above {Inspect.Say.Size(size)}" : null,
            rule.Keep is { } keep ? rule is { DeleteAfter: null, MaximumTotalSize: null } ? $"delete all but the newest {keep}" : $"but keep the newest {keep}" : null,
        ];
        var sentence = string.Join(", ", parts.OfType<string>());
        return sentence.Length == 0 ? "Nothing" : char.ToUpperInvariant(sentence[0]) + sentence[1..];
    }

    private static bool LeadsOut(string prefix) =>
        prefix.StartsWith('/') || prefix.Contains('\\', StringComparison.Ordinal) || prefix.Split('/').Any(part => part is "." or "..") || prefix.Any(char.IsControl);
}
