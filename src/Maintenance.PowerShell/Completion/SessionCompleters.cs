using System.Globalization;
using Maintenance.Formatting;

namespace Maintenance.Completion;

/// <summary>Completes the process numbers of a server's sessions: blockers first.</summary>
public sealed class SessionCompleter : NameCompleter
{
    internal override NameSearch? Search(NameRequest request) => ServerSessions.Search(request, sessions => sessions
        .Where(session => session.ProcessId != 0)
        .Select(session => new NameChoice(session.ProcessId.ToString(CultureInfo.InvariantCulture), SessionText.ToolTip(session)) { IsValue = true }));
}

/// <summary>Completes the roles that are logged in.</summary>
public sealed class SessionRoleCompleter : NameCompleter
{
    internal override NameSearch? Search(NameRequest request) => ServerSessions.Search(request, sessions => sessions
        .Select(session => session.Role).OfType<string>()
        .CountBy(role => role)
        .Select(role => new NameChoice(role.Key, string.Create(CultureInfo.CurrentCulture, $"{role.Value} session(s)"))));
}

/// <summary>Sessions for completion.</summary>
internal static class ServerSessions
{
    public static NameSearch? Search(NameRequest request, Func<IReadOnlyList<DbSession>, IEnumerable<NameChoice>> choices) =>
        request.Target is { Database: not null } target
            ? async (call, token) => choices(await request.Session.Engine.Sessions.ReadAsync(target, new DbSessionQuery(), call, token))
            : null;
}
