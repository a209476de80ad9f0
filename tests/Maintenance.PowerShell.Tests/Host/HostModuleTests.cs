using Maintenance.Packager;

namespace Maintenance.ModuleTests.Host;

public sealed class HostModuleTests
{
    private static string HostFolder => Path.GetDirectoryName(ModuleRunspace.HostPath)!;

    [Fact]
    public async Task The_module_beside_the_host_is_imported()
    {
        var result = await HostProcess.RunAsync("-Command", "(Get-Module Maintenance).ModuleBase; [Maintenance.MaintenanceRun].Name; ($env:PSModulePath -split [IO.Path]::PathSeparator)[0]");
        var modules = Path.Combine(HostFolder, "Modules");
        Assert.Equal([Path.Combine(modules, "Maintenance"), "MaintenanceRun", modules], result.Lines);
        Assert.Empty(result.Error);
    }

    [Fact]
    public async Task Help_is_rendered()
    {
        var result = await HostProcess.RunAsync("-Command", "Get-Help Where-Object");
        Assert.Contains("SYNTAX", result.Lines);
        Assert.Contains("ALIASES", result.Lines);
        Assert.Equal(0, result.ExitCode);
    }

    [Fact]
    public async Task Help_breaks_no_word_where_the_system_names_no_language()
    {
        using var host = HostProcess.StartOnTerminal(["-Command", "Get-Help Get-DbBloat | Out-String -Width 80"], ("LC_ALL", "C"));
        var shown = (await host.EndAsync()).Output;
        Assert.Matches(@"could give back, \r?\n *by cause", shown);
    }

    [Theory]
    [InlineData("-Version", "Maintenance ")]
    [InlineData("-Help", "maintenance [-NonInteractive]")]
    [InlineData("--help", "maintenance [-NonInteractive]")]
    public async Task It_says_what_it_is(string argument, string expected)
    {
        var result = await HostProcess.RunAsync(argument);
        Assert.StartsWith(expected, result.Output, StringComparison.Ordinal);
        Assert.Equal(0, result.ExitCode);
    }

    [Theory]
    [InlineData(null, "There is no module")]
    [InlineData("@{ RootModule = ", "could not be imported")]
    public async Task Without_a_sound_module_it_says_so_and_does_nothing(string? manifest, string expected)
    {
        using var copy = new ScriptFile("");
        var folder = Path.GetDirectoryName(copy.Path)!;
        CopyHost(folder);
        if (manifest is not null)
        {
            var module = Directory.CreateDirectory(Path.Combine(folder, "Modules", "Maintenance"));
            await File.WriteAllTextAsync(Path.Combine(module.FullName, "Maintenance.psd1"), manifest, TestContext.Current.CancellationToken);
        }

        var result = await HostProcess.RunAsync("", ["-Command", "'ran'"], Path.Combine(folder, "Maintenance.Host.dll"));
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
        Assert.Contains("Maintenance.psd1", result.Error, StringComparison.Ordinal);
        Assert.Empty(result.Output);
    }

    [Theory]
    [InlineData("Maintenance.Engine")]
    [InlineData("Npgsql")]
    public async Task A_module_that_was_copied_in_part_says_what_is_missing_and_the_session_lives(string library)
    {
        using var copy = new ScriptFile("");
        var folder = Path.GetDirectoryName(copy.Path)!;
        CopyHost(folder);
        foreach (var (file, path) in FolderFiles.In(ModuleRunspace.ModuleFolder).Where(entry => entry.Path != $"lib/{library}.dll"))
        {
            var place = Path.Combine(folder, "Modules", "Maintenance", path);
            Directory.CreateDirectory(Path.GetDirectoryName(place)!);
            File.Copy(file, place);
        }

        var result = await HostProcess.RunAsync(
            "", ["-Command", "Connect-MaintenanceTarget -HostName 127.0.0.1 -Port 1 -ErrorAction SilentlyContinue; $Error[0].FullyQualifiedErrorId; \"$($Error[0])\"; 'goes on'"], Path.Combine(folder, "Maintenance.Host.dll"));
        Assert.StartsWith("ModuleIncomplete,", result.Lines[0], StringComparison.Ordinal);
        Assert.Contains($"{library}.dll is missing", result.Lines[1], StringComparison.Ordinal);
        Assert.Equal("goes on", result.Lines[^1]);
    }

    private static void CopyHost(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(HostFolder, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(HostFolder, file);
            if (!name.StartsWith("Modules", StringComparison.Ordinal) && !name.StartsWith(Path.Combine("runtimes", "win"), StringComparison.Ordinal))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, name))!);
                File.Copy(file, Path.Combine(folder, name));
            }
        }
    }
}
