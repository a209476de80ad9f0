using System.ComponentModel;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Maintenance.Engine.Programs;

namespace Maintenance.Engine.Sandbox;

/// <summary>The Azurite of one sandbox: Azure's blob service on loopback, in memory, with a key of its own.</summary>
internal sealed partial class AzuriteServer(string script, SandboxRecord record, TimeProvider time)
{
    /// <summary>The storage account. Its address differs from Azure's: the account is part of the path.</summary>
    public const string Account = "devstoreaccount1";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    private string LogFile => Path.Combine(record.AzuriteFolder, "azurite.log");

    /// <summary>Address of the blob service.</summary>
    /// <param name="port">Its port.</param>
    public static Uri ServiceUri(int port) => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/{Account}"));

    /// <summary>What Azure's clients need to use it. Holds the key.</summary>
    /// <param name="port">Port of the blob service.</param>
    /// <param name="key">The account's key.</param>
    public static string ConnectionString(int port, string key) =>
        $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={key};BlobEndpoint={ServiceUri(port)};";

    /// <summary>A new account key.</summary>
    public static string NewKey() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(64));

    /// <summary>Finds Azurite, and fetches it if it is not there.</summary>
    /// <param name="npm">Programs from npm.</param>
    /// <param name="resourcePath">Folder of the sandbox's files; people may have run npm there themselves.</param>
    /// <param name="sink">Told of a download.</param>
    /// <param name="cancellationToken">Ends the download.</param>
    /// <exception cref="MaintenanceException">SandboxBinariesNotFound, saying what was looked for.</exception>
    public static async Task<string> FindAsync(NpmTools npm, string resourcePath, IMaintenanceSink sink, CancellationToken cancellationToken)
    {
        if (SearchPath.Find("node") is null)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.SandboxBinariesNotFound,
                "Azurite needs Node.js, and there is no 'node' on the PATH.",
                "Install Node.js 20 or later with npm, or start the sandbox without -Azurite.");
        }

        return npm.InstalledAzurite()
            ?? Installed(resourcePath).FirstOrDefault(File.Exists)
            ?? await npm.InstallAzuriteAsync(sink, cancellationToken);
    }

    /// <summary>Starts Azurite and waits until it listens.</summary>
    /// <param name="key">The account's key.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Port of the blob service.</returns>
    public async Task<int> StartAsync(string key, CancellationToken cancellationToken)
    {
        PrivateFiles.CreateFolder(record.AzuriteFolder);
        var launch = new ProgramCall(
            "node",
            [
                "-e", EngineResource.Read("Sandbox/Scripts/Detach.js"), LogFile, Path.Combine(record.AzuriteFolder, "azurite.pid"),
                // Node writes nothing there, but the folder in its command line tells whose Azurite it is.
                $"--diagnostic-dir={record.AzuriteFolder}",
                script, "--blobHost", "127.0.0.1", "--blobPort", "0", "--inMemoryPersistence", "--extentMemoryLimit", "2048",
                "--skipApiVersionCheck", "--silent", "--disableTelemetry",
            ],
            record.AzuriteFolder)
        {
            Environment = new Dictionary<string, string> { ["AZURITE_ACCOUNTS"] = $"{Account}:{key}" },
        };

        ProgramResult launched;
        try
        {
            launched = await launch.RunAsync(cancellationToken);
        }
        catch (Win32Exception exception)
        {
            launched = new ProgramResult(-1, exception.Message);
        }

        return launched.ExitCode == 0 ? await ListeningAsync(cancellationToken) : throw Failed(LastLines.Of(launched.Output));
    }

    private static IEnumerable<string> Installed(string resourcePath)
    {
        yield return NpmTools.AzuriteScript(resourcePath);
        foreach (var folder in SearchPath.Folders())
        {
            // On Unix the name on the PATH is a link to the script; on Windows it is a batch file beside node_modules.
            yield return OperatingSystem.IsWindows()
                ? NpmTools.AzuriteScript(folder)
                : SearchPath.InFolder(folder, "azurite-blob") ?? "";
        }
    }

    private async Task<int> ListeningAsync(CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            var log = await ReadLogAsync(cancellationToken);
            if (Listening().Match(log) is { Success: true } match)
            {
                return int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
            }

            if (log.Contains("rror", StringComparison.Ordinal) || time.GetElapsedTime(began) > StartTimeout)
            {
                throw Failed(LastLines.Of(log));
            }

            await Task.Delay(PollInterval, time, cancellationToken);
        }
    }

    private async Task<string> ReadLogAsync(CancellationToken cancellationToken)
    {
        await using var stream = new FileStream(LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(cancellationToken);
    }

    private static MaintenanceException Failed(string log) => new(
        MaintenanceErrorCode.SandboxStartFailed,
        $"Azurite did not start. The end of its log: {log}",
        "Check that Node.js is version 20 or later (node --version), or start the sandbox without -Azurite.");

    [GeneratedRegex(@"listens on http://127\.0\.0\.1:(\d+)")]
    private static partial Regex Listening();
}
