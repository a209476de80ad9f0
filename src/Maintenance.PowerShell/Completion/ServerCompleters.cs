namespace Maintenance.Completion;

/// <summary>Completes the names of roles of the server of the target that is named, or connected last.</summary>
public sealed class RoleCompleter : NameCompleter
{
    internal override NameSearch? Search(NameRequest request) =>
        OfServer(request, (target, call, token) => request.Session.Engine.AccessReviews.FindRolesAsync(target, request.Typed, call, token));
}

/// <summary>Completes names of databases of the server of the target that is named, or connected last.</summary>
public sealed class ServerDatabaseCompleter : NameCompleter
{
    internal override NameSearch? Search(NameRequest request) =>
        OfServer(request, request.Session.Engine.SecurityAudit.FindDatabasesAsync);
}
