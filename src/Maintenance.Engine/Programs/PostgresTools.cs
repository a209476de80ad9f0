namespace Maintenance.Engine.Programs;

/// <summary>One of PostgreSQL's programs.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Version">Its version, such as 15.18.</param>
internal sealed record PostgresTool(string Path, Version Version);

/// <summary>Finds PostgreSQL's client programs (pg_dump, pg_restore, ...) in a version that fits.</summary>
internal static class PostgresTools
{
    /// <summary>The oldest program that is of a major version or later: what comes nearest to the server's own.</summary>
    /// <param name="name">Name of the program.</param>
    /// <param name="oldestMajor">The oldest major version that will do.</param>
    /// <param name="path">Folder to look in; null for the PATH and the usual folders.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>The program, or null if there is none.</returns>
    public static async Task<PostgresTool?> TryFindAsync(string name, int oldestMajor, string? path, CancellationToken cancellationToken) =>
        (await AllAsync(name, path, cancellationToken)).Where(tool => tool.Version.Major >= oldestMajor).MinBy(tool => tool.Version.Major);

    /// <inheritdoc cref="TryFindAsync"/>
    /// <exception cref="MaintenanceException">ProgramNotFound, saying what is there instead.</exception>
    public static async Task<PostgresTool> FindAsync(string name, int oldestMajor, string? path, CancellationToken cancellationToken)
    {
        if (await TryFindAsync(name, oldestMajor, path, cancellationToken) is { } found)
        {
            return found;
        }

        var others = await AllAsync(name, path, cancellationToken);
        var cause = others.Count > 0 ? $"only {string.Join(", ", others.Select(tool => tool.Version).Distinct().Order())} is" : "none is";
        throw new MaintenanceException(
            MaintenanceErrorCode.ProgramNotFound,
            $"{name} of PostgreSQL {oldestMajor} or later is needed, and {cause} {(path is null ? "on the PATH and in the usual folders" : $"in '{path}'")}.",
            $"Install PostgreSQL's client programs of version {oldestMajor}, or name their folder with -PostgresPath (recovery.postgresPath in maintenance.json).");
    }

    private static async Task<List<PostgresTool>> AllAsync(string name, string? path, CancellationToken cancellationToken)
    {
        var folders = path is null ? PostgresFolders.All() : [path, Path.Combine(path, "bin")];
        var tools = new List<PostgresTool>();
        foreach (var program in folders.Select(folder => SearchPath.InFolder(folder, name)).OfType<string>().Distinct())
        {
            if (await PostgresInstallation.VersionOfAsync(program, cancellationToken) is { } version)
            {
                tools.Add(new PostgresTool(program, version));
            }
        }

        return tools;
    }
}
