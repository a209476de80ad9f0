using System.Runtime.Loader;

namespace Maintenance.ModuleTests.Boundary;

public sealed class ImportTests
{
    private static string[] Commands(ModuleRunspace runspace) =>
        [.. runspace.Invoke("Get-Command -Module Maintenance | ForEach-Object Name").Select(name => name.ToString()!).Order()];

    [Fact]
    public void Everything_the_manifest_promises_is_there()
    {
        using var runspace = new ModuleRunspace();
        var promised = runspace.Invoke($"(Test-ModuleManifest '{ModuleRunspace.ManifestPath}').ExportedCmdlets.Keys").Select(name => name.ToString()!).Order();
        Assert.Equal(promised, Commands(runspace));
    }

    [Fact]
    public void Contract_types_resolve_right_after_the_import()
    {
        using var runspace = new ModuleRunspace();
        Assert.Equal("MaintenanceRun", runspace.Invoke("[Maintenance.MaintenanceRun].Name")[0].ToString());
    }

    [Fact]
    public void Forced_import_keeps_every_cmdlet_working()
    {
        using var runspace = new ModuleRunspace();
        var before = Commands(runspace);
        runspace.Invoke($"Import-Module '{ModuleRunspace.ManifestPath}' -Force -ErrorAction Stop");
        Assert.Equal(before, Commands(runspace));
        Assert.NotEmpty(before);
        AssertEngineAnswers(runspace);
    }

    [Fact]
    public void Remove_and_import_again_keeps_every_cmdlet_working()
    {
        using var runspace = new ModuleRunspace();
        var before = Commands(runspace);
        runspace.Invoke($"Remove-Module Maintenance; Import-Module '{ModuleRunspace.ManifestPath}' -ErrorAction Stop");
        Assert.Equal(before, Commands(runspace));
        AssertEngineAnswers(runspace);
    }

    [Fact]
    public void Two_runspaces_have_sessions_of_their_own()
    {
        using var first = new ModuleRunspace();
        using var second = new ModuleRunspace();
        first.Invoke("Connect-MaintenanceTarget -Name one -HostName 127.0.0.1 -SkipTest");
        Assert.Equal("one", first.Invoke("Get-MaintenanceTarget")[0].ToString());
        Assert.Empty(second.Invoke("Get-MaintenanceTarget"));
        AssertEngineAnswers(second);
    }

    [Fact]
    public void The_engine_lives_in_its_own_context_and_only_there()
    {
        using var runspace = new ModuleRunspace();
        AssertEngineAnswers(runspace);
        var contexts = AssemblyLoadContext.All
            .Where(context => context.Assemblies.Any(assembly => assembly.GetName().Name == "Maintenance.Engine"))
            .Select(context => context.Name);
        Assert.Equal(["Maintenance"], contexts);
    }

    /// <summary>A call that reaches the engine and fails there, in a way only the engine knows.</summary>
    private static void AssertEngineAnswers(ModuleRunspace runspace)
    {
        var result = runspace.Run("Connect-MaintenanceTarget -Name none -HostName 127.0.0.1 -SkipTest | Invoke-MaintenanceTask NoSuchTask");
        Assert.StartsWith("TaskNotFound,", Assert.Single(result.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
    }
}
