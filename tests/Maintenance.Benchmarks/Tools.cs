using System.ComponentModel;
using System.Diagnostics;
using System.Reflection;

namespace Maintenance.Benchmarks;

/// <summary>Programs of others that benchmarks compare with.</summary>
internal static class Tools
{
    /// <summary>The sandbox's resources in the source tree.</summary>
    public static string SandboxResources { get; } = Path.GetFullPath(Metadata("SandboxResources"));

    /// <summary>What the build has written down for this program.</summary>
    /// <param name="key">Its name in the project file.</param>
    public static string Metadata(string key) => typeof(Tools).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;

    /// <summary>Runs a program to its end.</summary>
    /// <returns>What it wrote; null if there is no such program or it failed.</returns>
    public static async Task<string?> RunAsync(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, CancellationToken cancellationToken = default)
    {
        using var process = TryStart(program, arguments, environment);
        if (process is null)
        {
            return null;
        }

        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0 ? output.Trim() : null;
    }

    /// <summary>Starts a program that is talked to on its standard streams; null if there is no such program.</summary>
    public static Process? TryStart(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        try
        {
            return Process.Start(start);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    /// <summary>Installs a package of npm, once, below artifacts.</summary>
    /// <returns>The folder that holds node_modules; null if npm is missing or cannot fetch it.</returns>
    public static async Task<string?> NpmAsync(string package, string version, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(Metadata("ToolFolder"), $"{package.Replace('/', '-').TrimStart('@')}-{version}");
        if (!Directory.Exists(Path.Combine(folder, "node_modules", package)))
        {
            Directory.CreateDirectory(folder);
            if (await RunAsync("npm", ["install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", folder, $"{package}@{version}"], cancellationToken: cancellationToken) is null)
            {
                return null;
            }
        }

        return folder;
    }
}
