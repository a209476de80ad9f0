using System.Globalization;

namespace Maintenance.Engine.Security.Azure;

/// <summary>Runs the checks over what was read, and tells what came of each.</summary>
internal static class AzureAuditor
{
    public static IReadOnlyList<Finding> Audit(MaintenanceTarget target, AzureFacts facts, AzureSecurityQuery query) =>
        [.. AzureCatalogue.Checks
            .Where(check => query.Ids?.Invoke(check.Id) ?? true)
            .SelectMany(check => Findings(check, facts))
            .Where(finding => finding.Severity >= query.MinimumSeverity && (query.IncludePassed || finding.Outcome != FindingOutcome.Pass))
            .Select(finding => finding with { Target = target.Name, CollectedAt = facts.Now })
            .Order(SecurityAuditor.Order)];

    private static IEnumerable<Finding> Findings(AzureCheck check, AzureFacts facts)
    {
        var (faults, gaps, examined) = Run(check, facts);
        foreach (var fault in faults)
        {
            yield return Make(check, facts, FindingOutcome.Fail, fault.Message) with
            {
                Severity = fault.Severity is { } severity && severity < check.Severity ? severity : check.Severity,
                Subject = fault.Subject,
                Evidence = fault.Evidence,
                Recommendation = fault.Command is { } command ? $"{check.Recommendation} For example: {command}" : check.Recommendation,
            };
        }

        if (gaps.Count > 0)
        {
            var gap = gaps.OrderBy(one => Rank(one.Outcome)).First();
            var part = examined > 0 || faults.Count > 0 ? "not checked everywhere" : "not checked";
            var more = gaps.Count == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $" ({gaps.Count} times something could not be read)");
            yield return Make(check, facts, gap.Outcome, $"{check.Title}: {part}, because {gap.Reason}{more}.") with
            {
                Recommendation = gap.Recommendation,
                Evidence = new Dictionary<string, object?> { ["Examined"] = examined },
            };
        }
        else if (faults.Count == 0)
        {
            yield return Make(check, facts, FindingOutcome.Pass, examined == 0 ? $"{check.Title}: there is nothing of this kind in the scope." : $"{check.Title}.") with
            {
                Evidence = new Dictionary<string, object?> { ["Examined"] = examined },
            };
        }
    }

    private static (List<AzureFault> Faults, List<AzureGap> Gaps, int Examined) Run(AzureCheck check, AzureFacts facts)
    {
        var (faults, gaps, examined) = (new List<AzureFault>(), new List<AzureGap>(), 0);
        foreach (var set in check.AlsoKinds.Prepend(check.Kind).Select(kind => facts.Sets[kind]))
        {
            if (set.Gap is { } missing)
            {
                gaps.Add(missing);
            }

            foreach (var resource in set.Resources)
            {
                try
                {
                    faults.AddRange(check.Evaluate(resource));
                    examined++;
                }
                catch (AzureGapException exception)
                {
                    gaps.Add(exception.Gap);
                }
            }
        }

        return (faults, gaps, examined);
    }

    private static int Rank(FindingOutcome outcome) => outcome switch
    {
        FindingOutcome.NotPermitted => 0,
        FindingOutcome.Unknown => 1,
        _ => 2,
    };

    private static Finding Make(AzureCheck check, AzureFacts facts, FindingOutcome outcome, string message) => new()
    {
        Id = check.Id,
        Area = SecurityAuditor.Area,
        Severity = check.Severity,
        Outcome = outcome,
        Message = message,
        Scope = facts.Scope.Name,
        Mappings = [.. check.Cis.Select(section => new FindingMapping("CIS Azure Foundations 2.0.0", section))],
    };
}
