using Maintenance.Engine.Resilience;
using Maintenance.Engine.Security.Audit;
using static Maintenance.Engine.Tests.Security.Audit.AuditSample;

namespace Maintenance.Engine.Tests.Security.Audit;

public sealed class AuditGathererTests
{
    private static readonly MaintenanceTarget Target = new() { Name = "production" };

    private static async Task<AuditEvidence> GatherAsync(TimeSpan? limit, IReadOnlyList<AuditPart>? wanted, params IAuditPart[] parts)
    {
        using var deadline = new Deadline(limit, TimeProvider.System, TestContext.Current.CancellationToken);
        return await new AuditGatherer(parts, TimeProvider.System).GatherAsync(Target, wanted, Calls.Silent(), deadline, TestContext.Current.CancellationToken);
    }

    private static Finding Trouble(AuditEvidence evidence, string id) => Assert.Single(evidence.Findings, finding => finding.Id == id);

    [Fact]
    public async Task What_fails_hangs_or_is_not_configured_is_a_finding_with_the_reason_and_the_rest_is_looked_at()
    {
        var evidence = await GatherAsync(
            TimeSpan.FromSeconds(2),
            null,
            new Part(AuditPart.Catalogue, _ => Task.FromResult<IReadOnlyList<Finding>>([Found("DBSEC-RLS-OFF") with { Target = null }])),
            new Part(AuditPart.Dependencies, _ => throw new MaintenanceException(MaintenanceErrorCode.ProgramNotFound, "npm is not there.", "Install it.")),
            new Part(AuditPart.Secrets, async token =>
            {
                await Task.Delay(Timeout.Infinite, token);
                return [];
            }),
            new Part(AuditPart.Code, _ => throw new InvalidOperationException("secret words")),
            new Part(AuditPart.Access, _ => throw new MaintenanceException(MaintenanceErrorCode.PermissionDenied, "The role may not.", "GRANT it.")),
            new Part(AuditPart.Azure, _ => Task.FromResult<IReadOnlyList<Finding>>([]), "No Azure resources are configured."));

        Assert.Equal("production", Assert.Single(evidence.Findings, finding => finding.Id == "DBSEC-RLS-OFF").Target);
        Assert.Equal((FindingOutcome.Unknown, "Install it."), (Trouble(evidence, "AUDIT-DEPENDENCIES").Outcome, Trouble(evidence, "AUDIT-DEPENDENCIES").Recommendation));
        Assert.Contains("npm is not there.", Trouble(evidence, "AUDIT-DEPENDENCIES").Message, StringComparison.Ordinal);
        Assert.Contains("took longer", Trouble(evidence, "AUDIT-SECRETS").Message, StringComparison.Ordinal);
        Assert.Contains("InvalidOperationException", Trouble(evidence, "AUDIT-CODE").Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret words", Trouble(evidence, "AUDIT-CODE").Message, StringComparison.Ordinal);
        Assert.Equal(FindingOutcome.NotPermitted, Trouble(evidence, "AUDIT-ACCESS").Outcome);
        Assert.Contains("No Azure resources are configured.", Trouble(evidence, "AUDIT-AZURE").Message, StringComparison.Ordinal);
        Assert.Contains("this version of the module cannot", Trouble(evidence, "AUDIT-COMPLIANCE").Message, StringComparison.OrdinalIgnoreCase);
        Assert.All(evidence.Findings.Where(finding => finding.Id.StartsWith("AUDIT-", StringComparison.Ordinal)), finding => Assert.Equal(HealthStatus.Unknown, finding.Status));
        Assert.Equal([AuditPart.Catalogue], evidence.Parts.Where(part => part.IsLookedAt).Select(part => part.Part));
        Assert.Equal([AuditPart.Azure], evidence.Parts.Where(part => !part.IsConfigured).Select(part => part.Part));
        Assert.StartsWith("The Azure resources: not looked at.", evidence.Parts[^1].ToString(), StringComparison.Ordinal);
        Assert.Equal(Enum.GetValues<AuditPart>(), evidence.Parts.Select(part => part.Part));
    }

    [Fact]
    public async Task Whoever_stops_the_audit_stops_it()
    {
        using var stopping = new CancellationTokenSource();
        using var deadline = new Deadline(null, TimeProvider.System, stopping.Token);
        var gathering = new AuditGatherer([new Part(AuditPart.Catalogue, async token =>
        {
            await stopping.CancelAsync();
            token.ThrowIfCancellationRequested();
            return [];
        })], TimeProvider.System).GatherAsync(Target, [AuditPart.Catalogue], Calls.Silent(), deadline, stopping.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gathering);
    }

    [Fact]
    public void Findings_that_are_given_cover_the_parts_they_are_about()
    {
        var evidence = AuditGatherer.Given(Target, [Found("DBSEC-RLS-OFF", FindingOutcome.Pass), Found("AUDIT-SECRETS", FindingOutcome.Unknown, message: "gitleaks crashed."), Found("DB-BLOAT-TABLE")]);
        Assert.Equal([AuditPart.Catalogue], evidence.Parts.Where(part => part.IsLookedAt).Select(part => part.Part));
        Assert.Equal("gitleaks crashed.", evidence.Parts.Single(part => part.Part == AuditPart.Secrets).Message);
        Assert.Contains("no findings about it were given", evidence.Parts.Single(part => part.Part == AuditPart.Azure).Message, StringComparison.Ordinal);
        Assert.Equal(3, evidence.Findings.Count);
    }

    [Fact]
    public void What_is_given_twice_counts_once_and_what_is_gone_is_not_found()
    {
        var stale = Found("DBSEC-OLD", FindingOutcome.Manual) with { State = FindingState.Accepted, Acceptance = new FindingAcceptance("A. Nyone", Today, "then") };
        var evidence = AuditGatherer.Given(Target, [Found("PII-EXPOSED", subject: "a"), Found("PII-EXPOSED", subject: "a"), Found("PII-EXPOSED", FindingOutcome.Pass, subject: "a"), Found("DBSEC-GONE") with { State = FindingState.Fixed }, stale]);
        Assert.Equal(["PII-EXPOSED", "PII-EXPOSED", "DBSEC-OLD"], evidence.Findings.Select(finding => finding.Id));
        Assert.Equal((FindingState.Untracked, null), (evidence.Findings[2].State, evidence.Findings[2].Acceptance));
    }

    private sealed class Part(AuditPart part, Func<CancellationToken, Task<IReadOnlyList<Finding>>> collect, string? notConfigured = null) : IAuditPart
    {
        AuditPart IAuditPart.Part => part;

        public string? NotConfigured(MaintenanceTarget target) => notConfigured;

        public Task<IReadOnlyList<Finding>> CollectAsync(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken) => collect(cancellationToken);
    }
}
