namespace Maintenance.Engine.Inspect;

/// <summary>Whom the role may not end.</summary>
/// <param name="Role">The role, as it must stand in a GRANT.</param>
/// <param name="Forbidden">Server processes that it may not signal.</param>
internal sealed record SessionRights(string Role, IReadOnlySet<int> Forbidden)
{
    /// <summary>Whether it may end a session.</summary>
    public bool MayEnd(DbSession session) => !Forbidden.Contains(session.ProcessId);

    /// <summary>What an administrator has to run so that the role may do what it could not.</summary>
    /// <param name="rights">The role; null where its name is not known.</param>
    /// <param name="privileges">What it lacks, with commas between.</param>
    public static string Grant(SessionRights? rights, string privileges) =>
        $"Run as an administrator: GRANT {privileges} TO {rights?.Role ?? "the role that the target connects with"};";
}
