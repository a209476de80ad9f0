using System.Management.Automation;

namespace Maintenance.Formatting;

/// <summary>How views show what became of a check.</summary>
public static class FindingText
{
    /// <summary>In one word what became of a finding or a line of a checklist; nothing for a row of which its text alone was kept.</summary>
    /// <param name="row">The finding or the line.</param>
    public static string Verdict(PSObject? row) => Revived.Live(row) switch
    {
        Finding finding => finding.Verdict(),
        AuditLine line => line.Verdict(),
        _ => "",
    };
}
