namespace Maintenance.Engine.Compliance;

/// <summary>
/// What requests of people are about (GDPR, Articles 15 to 21), as tables usually call it. A kind that is not among them may be any:
/// nobody shall read of a request that is open past its time as of none. Pure.
/// </summary>
internal sealed class RequestKinds
{
    private static readonly string[] UsualAccess =
        ["access", "access_request", "data_access", "subject_access", "subject_access_request", "right_of_access"];

    private static readonly string[] UsualErasure =
    [
        "erasure", "erase", "erasure_request", "data_erasure", "right_to_erasure", "right_to_be_forgotten", "deletion", "delete",
        "delete_account", "account_deletion", "data_deletion", "deletion_request",
    ];

    private static readonly string[] UsualOther =
        ["rectification", "correction", "restriction", "portability", "data_portability", "objection"];

    /// <summary>Puts the configured names and the usual ones together; a configured one is what the configuration says.</summary>
    public RequestKinds(SubjectRequestSettings settings)
    {
        var (access, erasure) = (Plain(settings.AccessType), Plain(settings.ErasureType));
        string[] others = [.. settings.OtherTypes.Select(Plain)];
        Access = [access, .. UsualAccess.Where(name => name != erasure && !others.Contains(name))];
        Erasure = [erasure, .. UsualErasure.Where(name => name != access && !others.Contains(name))];
        Known = [.. Access, .. Erasure, .. UsualOther, .. others];
    }

    /// <summary>Names of requests for access.</summary>
    public string[] Access { get; }

    /// <summary>Names of requests for erasure.</summary>
    public string[] Erasure { get; }

    /// <summary>All names whose meaning is known.</summary>
    public string[] Known { get; }

    // As SubjectRequests.sql makes them.
    private static string Plain(string kind) => kind.Trim(' ', '\t', '\r', '\n').ToLowerInvariant().Replace(' ', '_').Replace('-', '_');
}
