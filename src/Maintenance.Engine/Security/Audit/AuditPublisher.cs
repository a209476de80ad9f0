using System.Globalization;
using System.Text;
using Maintenance.Engine.Artifacts;
using Maintenance.Engine.Reporting;

namespace Maintenance.Engine.Security.Audit;

/// <summary>Puts reports of audits where they are kept (guide M8), and finds out whether they can be changed there.</summary>
internal sealed class AuditPublisher(ArtifactService artifacts, TimeProvider time)
{
    public const string NotImmutable = "AUDIT-NOT-IMMUTABLE";

    private const string Folder = "monthly-audits";

    // The forms for people, for programs, and for tools that compare.
    private static readonly (ReportFormat Format, string Extension)[] Forms =
        [(ReportFormat.Markdown, "md"), (ReportFormat.Html, "html"), (ReportFormat.Json, "json"), (ReportFormat.Sarif, "sarif")];

    private readonly ReportService _reports = new(time);

    /// <summary>Where reports of a target go; null if nowhere.</summary>
    public static string? PlaceOf(MaintenanceTarget target) => StoreOf(target) is var (store, folder) && store is not null ? $"{store}/{folder}" : null;

    /// <summary>The finding whether what is published can be changed. Nothing where nothing can be published: publishing will say so.</summary>
    public async Task<IReadOnlyList<Finding>> ProtectionAsync(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken)
    {
        var (store, _) = StoreOf(target);
        if (store is null)
        {
            return [];
        }

        try
        {
            var protection = await artifacts.ProtectionAsync(target with { ArtifactStore = store }, call with { Timeout = null }, cancellationToken);
            return [Of(target, store, protection)];
        }
        catch (MaintenanceException exception)
        {
            return [Of(target, store, new ArtifactProtection(ArtifactProtectionKind.Unknown, exception.Message))];
        }
    }

    /// <summary>Publishes a report in every form, beside an earlier one of the month, and protects it where that can be.</summary>
    /// <exception cref="MaintenanceException">NotConfigured, Artifact…, Store….</exception>
    public async Task<SecurityAuditReport> PublishAsync(MaintenanceTarget target, SecurityAuditReport report, CallContext call, CancellationToken cancellationToken)
    {
        var (store, folder) = StoreOf(target);
        if (store is null)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.NotConfigured,
                $"The target '{target.Name}' has nowhere to publish reports of audits.",
                "Set auditStore in maintenance.json, or artifactStore.");
        }

        var place = target with { ArtifactStore = store };
        var period = report.CollectedAt.UtcDateTime.ToString("yyyyMM", CultureInfo.InvariantCulture);
        var published = new List<PublishedArtifact>();
        foreach (var (format, extension) in Forms)
        {
            using var content = new MemoryStream(Encoding.UTF8.GetBytes(_reports.Render([report], format)));
            var options = new ArtifactOptions
            {
                Name = $"{folder}/security-audit-{period}.{extension}",
                Conflict = ArtifactConflict.KeepBoth,
                Metadata = new Dictionary<string, string>
                {
                    ["classification"] = "confidential",
                    ["retention"] = Retention(target.Security.ReportRetention),
                    ["period"] = period,
                    ["target"] = target.Name,
                    ["status"] = report.Status.ToString(),
                    ["collectedAt"] = report.CollectedAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
                },
            };
            published.Add(await artifacts.PublishAsync(place, content, options, call, cancellationToken));
        }

        if (published.Find(artifact => artifact.State == ArtifactState.KeptBoth) is { } second)
        {
            call.Sink.Verbose($"There was a report of {period} already; this one is beside it, as {second.Name}.");
        }

        var trouble = await ProtectAsync(place, published, call, cancellationToken);
        return report with { Published = published, Findings = [.. trouble, .. report.Findings.Where(finding => trouble.Count == 0 || finding.Id != NotImmutable)] };
    }

    private async Task<IReadOnlyList<Finding>> ProtectAsync(MaintenanceTarget place, IReadOnlyList<PublishedArtifact> published, CallContext call, CancellationToken cancellationToken)
    {
        try
        {
            var protection = await artifacts.ProtectionAsync(place, call, cancellationToken);
            if (protection.Kind == ArtifactProtectionKind.EachUntil)
            {
                foreach (var artifact in published)
                {
                    await artifacts.ProtectAsync(place, artifact.Name, time.GetUtcNow() + place.Security.ReportRetention, call, cancellationToken);
                }
            }

            return [];
        }
        catch (MaintenanceException exception)
        {
            call.Sink.Warning($"The report was published, and could not be protected from changes: {exception.Message}");
            return [Of(place, place.ArtifactStore!, new ArtifactProtection(ArtifactProtectionKind.None, exception.Message))];
        }
    }

    private Finding Of(MaintenanceTarget target, StoreSettings store, ArtifactProtection protection) => new()
    {
        Id = NotImmutable,
        Area = SecurityAuditor.Area,
        Severity = FindingSeverity.Low,
        Outcome = protection.Kind switch
        {
            ArtifactProtectionKind.None => FindingOutcome.Fail,
            ArtifactProtectionKind.Unknown => FindingOutcome.Unknown,
            _ => FindingOutcome.Pass,
        },
        Subject = protection.Kind is ArtifactProtectionKind.None ? store.ToString() : null,
        Scope = AuditGatherer.Scope,
        Message = protection.Kind switch
        {
            ArtifactProtectionKind.None => $"Published reports can be changed and deleted. {protection.Message}",
            ArtifactProtectionKind.Unknown => $"Whether published reports can be changed could not be determined. {protection.Message}",
            _ => $"Published reports cannot be changed. {protection.Message}",
        },
        Recommendation = protection.Kind is ArtifactProtectionKind.None or ArtifactProtectionKind.Unknown
            ? "Publish to a container of its own with version-level immutability (auditStore); metadata alone retains nothing."
            : null,
        Target = target.Name,
        CollectedAt = time.GetUtcNow(),
    };

    private static (StoreSettings? Store, string Folder) StoreOf(MaintenanceTarget target) =>
        target.AuditStore is { } audits ? (audits, Folder) : (target.ArtifactStore, $"security-audits/{Folder}");

    // As the guide writes it where it is whole years.
    private static string Retention(TimeSpan retention) => Math.Round(retention.TotalDays / 365.25, 2) is var years && years >= 1 && Math.Abs(years - Math.Round(years)) < 0.01
        ? string.Create(CultureInfo.InvariantCulture, $"{years:0}years")
        : string.Create(CultureInfo.InvariantCulture, $"{retention.TotalDays:0}days");
}
