using System.Management.Automation;
using System.Reflection;
using System.Runtime.Loader;

namespace Maintenance.Infrastructure;

/// <summary>Runs when the module is imported: makes the engine, and only the engine, resolvable from its own load context.</summary>
public sealed class ModuleInitializer : IModuleAssemblyInitializer
{
    private const string EngineName = "Maintenance.Engine";

    private static readonly Lazy<EngineLoadContext> Context = new(() =>
        new EngineLoadContext(Path.Combine(Path.GetDirectoryName(typeof(ModuleInitializer).Assembly.Location)!, "lib")));

    /// <inheritdoc/>
    public void OnImport()
    {
        // Import-Module -Force comes here again without an OnRemove in between, hence first minus, then plus.
        // It is never unsubscribed: objects of the engine may outlive the module's removal.
        AssemblyLoadContext.Default.Resolving -= ResolveEngine;
        AssemblyLoadContext.Default.Resolving += ResolveEngine;
    }

    private static Assembly? ResolveEngine(AssemblyLoadContext context, AssemblyName name) =>
        name.Name == EngineName ? Context.Value.LoadEngine(name) : null;
}
