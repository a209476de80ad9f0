using Maintenance.Engine.Programs;

namespace Maintenance.Engine.Backup.Restore;

/// <summary>A psql that can be kept from running commands that a dump holds.</summary>
internal static class SafePsql
{
    // The minor versions of August 2025 brought \restrict.
    private static readonly Dictionary<int, int> First = new() { [13] = 22, [14] = 19, [15] = 14, [16] = 10, [17] = 6 };

    /// <summary>Whether a version knows <c>\restrict</c>.</summary>
    public static bool Is(Version version) => First.TryGetValue(version.Major, out var minor) ? version.Minor >= minor : version.Major > 17;

    /// <summary>Finds one.</summary>
    /// <param name="major">The oldest major version that will do.</param>
    /// <param name="path">Folder to look in; null to look everywhere.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="MaintenanceException">ProgramNotFound.</exception>
    public static async Task<PostgresTool> FindAsync(int major, string? path, CancellationToken cancellationToken)
    {
        var tool = await RestorePrograms.FindAsync("psql", major, path, cancellationToken);
        return Is(tool.Version) ? tool : throw new MaintenanceException(
            MaintenanceErrorCode.ProgramNotFound,
            $"psql {tool.Version} would run commands of the operating system that a plain dump can hold.",
            "Update PostgreSQL's client programs: 13.22, 14.19, 15.14, 16.10, 17.6 and all of 18 can be kept from it.");
    }
}

/// <summary>Finds the programs for a restore.</summary>
internal static class RestorePrograms
{
    /// <summary>A program: in the folder given if it is there, else wherever there is one.</summary>
    public static async Task<PostgresTool> FindAsync(string name, int major, string? path, CancellationToken cancellationToken) =>
        (path is null ? null : await PostgresTools.TryFindAsync(name, major, path, cancellationToken)
            ?? await PostgresTools.TryFindAsync(name, major, Path.Combine(path, "bin"), cancellationToken))
        ?? await PostgresTools.FindAsync(name, major, null, cancellationToken);
}
