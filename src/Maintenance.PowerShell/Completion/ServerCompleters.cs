namespace Maintenance.Completion;

/// <summary>Completes the names of roles of the server of the target that is named, or connected last.</summary>
public sealed class RoleCompleter : NameCompleter
{
    internal override NameSearch? Search(NameRequest request) =>
        request.Target is { Database: not null } target
            ? async (call, token) => (await request.Session.Engine.AccessReviews.FindRolesAsync(target, request.Typed, call, token)).Select(name => new NameChoice(name))
            : null;
}

/// <summary>Completes names of databases of the server of the target that is named, or connected last.</summary>
public sealed class ServerDatabaseCompleter : NameCompleter
{
    internal override NameSearch? Search(NameRequest request) =>
        request.Target is { Database: not null } target
            ? async (call, token) => (await request.Session.Engine.SecurityAudit.FindDatabasesAsync(target, call, token)).Select(name => new NameChoice(name))
            : null;
}
