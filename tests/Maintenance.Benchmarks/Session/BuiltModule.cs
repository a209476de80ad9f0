using Maintenance.TestSupport;

namespace Maintenance.Benchmarks.Session;

/// <summary>A module as the build has left it, or as its package installs it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="ManifestPath">Its manifest.</param>
internal sealed record BuiltModule(string Name, string ManifestPath)
{
    /// <summary>The module itself: the installed one where MAINTENANCE_INSTALLED names it.</summary>
    public static BuiltModule Maintenance { get; } = new("Maintenance", Path.Combine(Installation.ModuleFolder ?? Tools.Metadata("ModuleFolder"), "Maintenance.psd1"));

    /// <summary>A module with one cmdlet that does nothing.</summary>
    public static BuiltModule Empty { get; } = new("EmptyModule", Path.Combine(Tools.Metadata("EmptyModuleFolder"), "EmptyModule.psd1"));

    /// <summary>The script that imports it.</summary>
    public string Import => $"Import-Module '{ManifestPath.Replace("'", "''", StringComparison.Ordinal)}' -ErrorAction Stop";

    /// <summary>The assemblies below its lib folder that are among those loaded.</summary>
    /// <param name="loaded">Files of the assemblies that are loaded.</param>
    public IReadOnlyList<string> Dependencies(IEnumerable<string> loaded)
    {
        var folder = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(ManifestPath))!, "lib") + Path.DirectorySeparatorChar;
        return [.. loaded.Where(file => file.StartsWith(folder, StringComparison.OrdinalIgnoreCase)).Select(Path.GetFileNameWithoutExtension).Order()!];
    }
}
