using Maintenance.Engine.Database;
using Maintenance.Engine.Programs;

namespace Maintenance.Engine.Sandbox;

/// <summary>Chooses the PostgreSQL that a backup is restored with.</summary>
internal static class ScratchBinaries
{
    /// <summary>The server's programs: of the version wanted, else of the nearest newer one, else the newest older one; null if there are none.</summary>
    /// <param name="major">The major version that the backup is of.</param>
    /// <param name="path">A folder of programs to use; one without a server's is passed over. Null to look for them.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    public static async Task<PostgresInstallation?> FindAsync(int major, string? path, CancellationToken cancellationToken)
    {
        if (path is not null
            && (await PostgresInstallation.AtAsync(path, cancellationToken) ?? await PostgresInstallation.AtAsync(Path.Combine(path, "bin"), cancellationToken)) is { } given)
        {
            return given;
        }

        var found = new List<PostgresInstallation>();
        foreach (var folder in PostgresFolders.All().Concat(NpmTools.AllPostgres()).Distinct())
        {
            if (await PostgresInstallation.AtAsync(folder, cancellationToken) is { } installation && installation.Major >= DatabaseConnector.OldestMajorVersion)
            {
                found.Add(installation);
            }
        }

        return Choose(found, major);
    }

    /// <summary>The choice itself. Of one major version, the newest minor.</summary>
    internal static PostgresInstallation? Choose(IEnumerable<PostgresInstallation> found, int major) => found
        .OrderBy(installation => installation.Major < major)
        .ThenBy(installation => installation.Major < major ? -installation.Major : installation.Major)
        .ThenByDescending(installation => installation.Version)
        .FirstOrDefault();
}
