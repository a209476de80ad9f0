using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace Maintenance.Infrastructure;

/// <summary>
/// Holds the engine and everything it depends on, so that no other module of the session sees our Azure.Core or Npgsql,
/// and we do not see theirs.
/// </summary>
internal sealed class EngineLoadContext(string folder) : AssemblyLoadContext("Maintenance")
{
    // What the host brings itself, by name. Only its own platform counts, never what other modules have loaded since.
    private static readonly Lazy<Dictionary<string, string>> Platform = new(() =>
        ((AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") as string) ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            // The runtime lists its core library twice.
            .DistinctBy(path => Path.GetFileNameWithoutExtension(path), StringComparer.OrdinalIgnoreCase)
            .ToDictionary(path => Path.GetFileNameWithoutExtension(path), StringComparer.OrdinalIgnoreCase));

    /// <summary>The engine; null where its file is missing. To ask the default context for it again, as loading by name would, would never end.</summary>
    public Assembly? LoadEngine(AssemblyName name) => File.Exists(Path.Combine(folder, name.Name + ".dll")) ? LoadFromAssemblyName(name) : null;

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        var name = assemblyName.Name!;

        // Contracts are the language both sides speak: one copy, in the default context.
        if (name == "Maintenance.Contracts")
        {
            return null;
        }

        var path = Path.Combine(folder, name + ".dll");
        if (!File.Exists(path) || HostHasIt(name, path))
        {
            return null;
        }

        return LoadFromAssemblyPath(path);
    }

    protected override IntPtr LoadUnmanagedDll(string unmanagedDllName)
    {
        foreach (var rid in CompatibleRids())
        {
            foreach (var file in FileNames(unmanagedDllName))
            {
                var path = Path.Combine(folder, "runtimes", rid, "native", file);
                if (File.Exists(path))
                {
                    return LoadUnmanagedDllFromPath(path);
                }
            }
        }

        return IntPtr.Zero;
    }

    // Newtonsoft.Json stays ours: PowerShell's own copy follows PowerShell's releases, and settings made on it are global.
    private static bool HostHasIt(string name, string ours) =>
        name != "Newtonsoft.Json"
        && Platform.Value.TryGetValue(name, out var theirs)
        && AssemblyName.GetAssemblyName(theirs).Version >= AssemblyName.GetAssemblyName(ours).Version;

    private static IEnumerable<string> CompatibleRids()
    {
        var architecture = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
        if (OperatingSystem.IsWindows())
        {
            yield return $"win-{architecture}";
        }
        else if (OperatingSystem.IsMacOS())
        {
            yield return $"osx-{architecture}";
        }
        else if (RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal))
        {
            yield return $"linux-musl-{architecture}";
        }
        else
        {
            yield return $"linux-{architecture}";
        }
    }

    private static IEnumerable<string> FileNames(string name) =>
        OperatingSystem.IsWindows() ? [name, name + ".dll"]
        : OperatingSystem.IsMacOS() ? [$"lib{name}.dylib", $"{name}.dylib", name]
        : [$"lib{name}.so", $"{name}.so", name];
}
