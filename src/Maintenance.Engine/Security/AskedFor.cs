using Maintenance.Engine.Configuration;

namespace Maintenance.Engine.Security;

/// <summary>What a query names must be there: nothing found where nothing is would look like all well.</summary>
internal static class AskedFor
{
    /// <summary>Roles that were named.</summary>
    /// <param name="target">The target.</param>
    /// <param name="roles">The names; null if none were.</param>
    /// <param name="graph">Roles of the server.</param>
    /// <exception cref="MaintenanceException">ObjectNotFound.</exception>
    public static void Roles(MaintenanceTarget target, IReadOnlyList<string>? roles, RoleGraph graph)
    {
        if (roles?.FirstOrDefault(name => graph.Find(name) is null) is { } missing)
        {
            throw Missing($"The server of '{target.Name}' has no role '{missing}'.", missing, graph.All.Where(role => !role.IsPredefined).Select(role => role.Name));
        }
    }

    /// <summary>Schemas that were named.</summary>
    /// <param name="target">The target.</param>
    /// <param name="schemas">The names; null if none were.</param>
    /// <param name="known">Schemas of what was audited, but for the system's.</param>
    /// <exception cref="MaintenanceException">ObjectNotFound.</exception>
    public static void Schemas(MaintenanceTarget target, IReadOnlyList<string>? schemas, IReadOnlyCollection<string> known)
    {
        if (schemas?.FirstOrDefault(name => !known.Contains(name)) is { } missing)
        {
            throw Missing($"The database of '{target.Name}' has no schema '{missing}' but what may be the system's.", missing, known);
        }
    }

    private static MaintenanceException Missing(string message, string written, IEnumerable<string> known)
    {
        var names = known.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var meant = Suggestion.For(written, names) is { } near ? $"Did you mean \"{near}\"? " : "";
        return new MaintenanceException(MaintenanceErrorCode.ObjectNotFound, message, $"{meant}There are: {string.Join(", ", names)}.");
    }
}
