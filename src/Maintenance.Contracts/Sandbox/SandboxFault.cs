namespace Maintenance;

/// <summary>What goes wrong in a sandbox's system, as people on call meet it.</summary>
public enum SandboxFault
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>A quarter of the requests fails, and the error log names the function <c>function-production-monitoring</c>.</summary>
    ErrorSpike = 1,

    /// <summary>Requests take three seconds, and a dozen statements more than one. The function's optimize_performance mends it.</summary>
    SlowResponses = 2,

    /// <summary>Sessions that nobody needs hold more than 95 % of the connections, some of them idle in a transaction, until they are ended.</summary>
    ConnectionFlood = 3,

    /// <summary>Requests of people that were answered in time, but not ticked off, pull the compliance score down. The function's auto_resolve_issues mends it.</summary>
    ComplianceIssues = 4,
}
