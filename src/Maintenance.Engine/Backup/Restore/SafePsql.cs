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
    /// <summary>A program: in the folder given if it is there in any version, else wherever there is one.</summary>
    /// <exception cref="MaintenanceException">ProgramNotFound.</exception>
    public static async Task<PostgresTool> FindAsync(string name, int major, string? path, CancellationToken cancellationToken) =>
        await PostgresTools.FindAsync(name, major, await FolderAsync(name, path, cancellationToken), cancellationToken);

    /// <summary>The same; null where there is none.</summary>
    public static async Task<PostgresTool?> TryFindAsync(string name, int major, string? path, CancellationToken cancellationToken) =>
        await PostgresTools.TryFindAsync(name, major, await FolderAsync(name, path, cancellationToken), cancellationToken);

    // The folder may be that of a server without client programs.
    private static async Task<string?> FolderAsync(string name, string? path, CancellationToken cancellationToken) =>
        path is not null && await PostgresTools.TryFindAsync(name, 0, path, cancellationToken) is not null ? path : null;
}
