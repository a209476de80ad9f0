using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace Maintenance.ModuleTests;

/// <summary>Lets test cmdlets resolve the module's two root assemblies from the built module, before any test has imported it.</summary>
internal static class ModuleAssemblies
{
    [ModuleInitializer]
    internal static void Register() => AssemblyLoadContext.Default.Resolving += (context, name) =>
        name.Name is "Maintenance.PowerShell" or "Maintenance.Contracts"
            ? context.LoadFromAssemblyPath(Path.Combine(ModuleRunspace.ModuleFolder, name.Name + ".dll"))
            : null;
}
