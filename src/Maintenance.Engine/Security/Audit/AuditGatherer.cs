using System.Globalization;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Security.Audit;

/// <summary>Looks at the parts of an audit, all at once. What cannot be looked at becomes a finding, never silence.</summary>
/// <param name="parts">The parts there are.</param>
/// <param name="time">The clock.</param>
internal sealed class AuditGatherer(IReadOnlyList<IAuditPart> parts, TimeProvider time)
{
    /// <summary>What the audit itself looks at.</summary>
    public const string Scope = "audit";

    private static readonly AuditPart[] All = Enum.GetValues<AuditPart>();

    /// <summary>Looks at parts.</summary>
    /// <param name="target">The target.</param>
    /// <param name="wanted">Which; null for all. The others are told as not looked at.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="deadline">The end of the whole audit; a tenth of what is left is kept for what comes after.</param>
    /// <param name="cancellationToken">The caller's own token.</param>
    public async Task<AuditEvidence> GatherAsync(
        MaintenanceTarget target, IReadOnlyList<AuditPart>? wanted, CallContext call, Deadline deadline, CancellationToken cancellationToken)
    {
        var share = deadline.Remaining * 0.9;
        var done = 0;
        var chosen = All.Where(part => wanted?.Contains(part) != false).ToList();
        var looked = await Task.WhenAll(chosen.Select(async part =>
        {
            var evidence = await LookAsync(target, part, share, call, cancellationToken);
            var count = Interlocked.Increment(ref done);
            call.Sink.Progress(new ProgressUpdate("Security audit", string.Create(CultureInfo.InvariantCulture, $"{count} of {chosen.Count} parts"), count * 100 / chosen.Count));
            return evidence;
        }));
        var left = All.Except(chosen).Select(part => new AuditPartResult(part, false, $"{Capital(AuditParts.Name(part))}: not looked at, because it was not asked for."));
        return new AuditEvidence(
            [.. looked.SelectMany(evidence => evidence.Parts).Concat(left).OrderBy(part => part.Part)],
            [.. looked.SelectMany(evidence => evidence.Findings).Select(finding => finding.Target is null ? finding with { Target = target.Name } : finding)]);
    }

    /// <summary>What findings that somebody brings say of the parts: those that none is about were not looked at.</summary>
    /// <param name="target">The target.</param>
    /// <param name="given">The findings, as other cmdlets and earlier runs tell them.</param>
    public static AuditEvidence Given(MaintenanceTarget target, IReadOnlyList<Finding> given)
    {
        // A table's finding may stand at each of its columns; what was gone in an earlier run is not found now; and how it stood then is judged anew.
        List<Finding> findings =
        [
            .. given.Where(finding => finding.State != FindingState.Fixed)
                .DistinctBy(finding => (finding.Fingerprint, finding.Outcome))
                .Select(finding => finding with { Target = finding.Target ?? target.Name, State = FindingState.Untracked, FirstSeenAt = null, Acceptance = null }),
        ];
        return new AuditEvidence(
        [
            .. All.Select(part =>
            {
                var mine = findings.Where(finding => AuditParts.Of(finding.Id) == part).ToList();
                var failed = findings.FirstOrDefault(finding => finding.Id == AuditParts.IdOf(part) && finding.Outcome != FindingOutcome.Pass);
                return failed is not null ? new AuditPartResult(part, false, failed.Message) { Recommendation = failed.Recommendation }
                    : mine.Count == 0 ? new AuditPartResult(part, false, $"{Capital(AuditParts.Name(part))}: not looked at; no findings about it were given.")
                    : Looked(part, mine, TimeSpan.Zero);
            }),
        ],
        findings);
    }

    private async Task<AuditEvidence> LookAsync(MaintenanceTarget target, AuditPart part, TimeSpan? share, CallContext call, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var found = new List<Finding>();
        var mine = parts.Where(known => known.Part == part).ToList();
        if (mine.Count == 0)
        {
            return NotLooked(part, FindingSeverity.Medium, FindingOutcome.Unknown, "This version of the module cannot.", "Look at it by hand, or update the module.", started);
        }

        using var limit = new Deadline(share, time, cancellationToken);
        try
        {
            foreach (var known in mine)
            {
                if (known.NotConfigured(target) is { } reason)
                {
                    return NotLooked(part, FindingSeverity.Medium, FindingOutcome.Unknown, reason, $"Configure it in maintenance.json, or keep in mind that {AuditParts.Name(part)} {(part is AuditPart.Dependencies or AuditPart.Secrets ? "are" : "is")} not audited.", started, isConfigured: false);
                }

                found.AddRange(await limit.RunAsync($"Looking at {AuditParts.Name(part)}", token => known.CollectAsync(target, call with { Timeout = limit.Remaining }, token)));
            }

            return new AuditEvidence([Looked(part, found, time.GetElapsedTime(started))], found);
        }
        catch (MaintenanceException exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return NotLooked(
                part,
                FindingSeverity.High,
                exception.Code == MaintenanceErrorCode.PermissionDenied ? FindingOutcome.NotPermitted : FindingOutcome.Unknown,
                exception.Message,
                exception.Recommendation,
                started);
        }
        catch (Exception exception)
        {
            // What is cancelled may end with any error: a connection that was closed under it, for one.
            cancellationToken.ThrowIfCancellationRequested();
            // Its words may quote what was read.
            return NotLooked(part, FindingSeverity.High, FindingOutcome.Unknown, $"An unexpected error of type {exception.GetType().Name}.", "This is a fault of the Maintenance module: please report it.", started);
        }
    }

    private static AuditPartResult Looked(AuditPart part, List<Finding> found, TimeSpan took)
    {
        var passed = found.Count(finding => finding.Outcome == FindingOutcome.Pass);
        var untold = found.Count(finding => finding.Outcome is FindingOutcome.Unknown or FindingOutcome.NotPermitted);
        return new AuditPartResult(
            part,
            true,
            string.Create(CultureInfo.InvariantCulture, $"{Capital(AuditParts.Name(part))}: {found.Count(SecurityChecklist.IsFault)} faults, {passed} checks passed, {untold} could not be determined."))
        {
            FindingCount = found.Count - passed,
            PassedCount = passed,
            Duration = took,
        };
    }

    private AuditEvidence NotLooked(AuditPart part, FindingSeverity severity, FindingOutcome outcome, string reason, string? advice, long started, bool isConfigured = true)
    {
        var message = $"{Capital(AuditParts.Name(part))}: not looked at. {reason}";
        return new AuditEvidence(
            [new AuditPartResult(part, false, message) { FindingCount = 1, IsConfigured = isConfigured, Recommendation = advice, Duration = time.GetElapsedTime(started) }],
            [
                new Finding
                {
                    Id = AuditParts.IdOf(part),
                    Area = SecurityAuditor.Area,
                    Severity = severity,
                    Outcome = outcome,
                    Subject = part.ToString(),
                    Scope = Scope,
                    Message = message,
                    Recommendation = advice,
                    CollectedAt = time.GetUtcNow(),
                },
            ]);
    }

    private static string Capital(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];
}

/// <summary>What was found, and where was looked.</summary>
/// <param name="Parts">The parts.</param>
/// <param name="Findings">The findings, passed checks included.</param>
internal sealed record AuditEvidence(IReadOnlyList<AuditPartResult> Parts, IReadOnlyList<Finding> Findings);
