using System.Diagnostics;
using System.Globalization;
using Maintenance.Packager;
using Maintenance.TestSupport;
using NuGet.Packaging;

namespace Maintenance.ModuleTests.Packaging;

/// <summary>The package as a PowerShell repository gets it.</summary>
public sealed class PackageTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("package-");

    private static string Version => ModuleRunspace.Metadata("Version");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void It_says_what_a_repository_wants_to_know()
    {
        using var package = new PackageArchiveReader(Pack(ModuleRunspace.ModuleFolder, "one"));
        var nuspec = package.NuspecReader;
        Assert.Equal(("Maintenance", Version), (nuspec.GetId(), nuspec.GetVersion().ToNormalizedString()));
        Assert.Equal("MIT", nuspec.GetLicenseMetadata()?.License);
        Assert.NotEmpty(nuspec.GetAuthors());
        Assert.NotEmpty(nuspec.GetDescription());
        Assert.NotEmpty(nuspec.GetReleaseNotes());
        Assert.Empty(nuspec.GetDependencyGroups());
        var tags = nuspec.GetTags().Split(' ');
        Assert.Subset(tags.ToHashSet(), new HashSet<string> { "PSModule", "PSEdition_Core", "PSIncludes_Cmdlet", "PSCmdlet_Get-DbHealth", "PSCommand_Get-DbHealth" });
        using var runspace = new ModuleRunspace();
        Assert.Equal(
            runspace.Invoke("(Get-Module Maintenance).ExportedCmdlets.Keys").Select(name => $"PSCmdlet_{name}").Order(),
            tags.Where(tag => tag.StartsWith("PSCmdlet_", StringComparison.Ordinal)).Order());
    }

    [Fact]
    public void The_files_of_the_module_lie_at_its_root_and_nothing_else()
    {
        using var package = new PackageArchiveReader(Pack(ModuleRunspace.ModuleFolder, "one"));
        var written = package.GetFiles().Where(file => !IsOfTheFormat(file)).Order(StringComparer.Ordinal);
        Assert.Equal(FolderFiles.In(ModuleRunspace.ModuleFolder).Select(entry => entry.Path), written);
        Assert.DoesNotContain(written, file => Path.GetExtension(file) == ".pdb");
    }

    [Fact]
    public void The_same_files_give_the_same_bytes_wherever_and_whenever_they_are_packed()
    {
        var copy = _folder.CreateSubdirectory("a copy").FullName;
        foreach (var (file, path) in FolderFiles.In(ModuleRunspace.ModuleFolder).Reverse())
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(copy, path))!);
            File.Copy(file, Path.Combine(copy, path));
            File.SetLastWriteTimeUtc(Path.Combine(copy, path), new DateTime(2031, 7, 1, 0, 0, 0, DateTimeKind.Utc));
        }

        Assert.Equal(File.ReadAllBytes(Pack(ModuleRunspace.ModuleFolder, "one")), File.ReadAllBytes(Pack(copy, "two")));
    }

    [Fact]
    public void It_is_found_and_imported_by_its_name()
    {
        using var runspace = new ModuleRunspace(import: false);
        // As installed it lies in a folder of its version; as built it does not.
        var module = new DirectoryInfo(ModuleRunspace.ModuleFolder);
        var modules = (module.Name == "Maintenance" ? module : module.Parent!).Parent!.FullName;
        var found = runspace.Invoke("""
            $before = $env:PSModulePath
            try {
                $env:PSModulePath = $modules
                $listed = Get-Module -ListAvailable Maintenance
                $imported = Import-Module Maintenance -PassThru -ErrorAction Stop
                "$($listed.Version)"; "$($imported.Version)"; $imported.ModuleBase; $listed.LicenseUri; $listed.ReleaseNotes
            } finally { $env:PSModulePath = $before }
            """, ("modules", modules)).Select(item => item.ToString()).ToArray();
        Assert.Equal([Version, Version, ModuleRunspace.ModuleFolder, "https://licenses.nuget.org/MIT"], found[..4]);
        Assert.NotEmpty(found[4]);
    }

    [Fact]
    public async Task One_that_outgrows_its_limit_fails_the_build()
    {
        var source = _folder.CreateSubdirectory("Maintenance").FullName;
        File.Copy(ModuleRunspace.ManifestPath, Path.Combine(source, "Maintenance.psd1"));
        var size = new FileInfo(Pack(source, "measured")).Length;

        var (code, output) = await PackAsync(source, "fits", size);
        Assert.True(code == 0, output);
        Assert.Contains($"{size} bytes", output, StringComparison.Ordinal);

        (code, output) = await PackAsync(source, "too big", size - 1);
        Assert.Equal(1, code);
        // In the form that makes it an error of the build.
        Assert.Contains(" : error MNT0001: ", output, StringComparison.Ordinal);
        Assert.Contains($"has {size} bytes, more than the {size - 1} ", output, StringComparison.Ordinal);
    }

    [Fact]
    public void That_of_the_host_has_a_readme()
    {
        Assert.SkipWhen(Installation.HostPath is null, "What is built has no package: see MAINTENANCE_INSTALLED in CONTRIBUTING.md.");
        var package = new DirectoryInfo(Path.GetDirectoryName(Installation.HostPath!)!).Parent!.Parent!.Parent!.FullName;
        Assert.StartsWith("# maintenance\n", File.ReadAllText(Path.Combine(package, "README.md")).ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    private static bool IsOfTheFormat(string file) =>
        file.StartsWith("_rels/", StringComparison.Ordinal) || file.StartsWith("package/", StringComparison.Ordinal) || file is "[Content_Types].xml" or "Maintenance.nuspec";

    // As the build runs it.
    private async Task<(int Code, string Output)> PackAsync(string folder, string name, long most)
    {
        var start = new ProcessStartInfo(
            "dotnet",
            [typeof(ModulePackage).Assembly.Location, "pack", "--folder", folder, "--licence", "MIT", "--out", Path.Combine(_folder.FullName, name), "--most", most.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output);
    }

    private string Pack(string folder, string name) => ModulePackage.Write(folder, "MIT", projectUri: null, Path.Combine(_folder.FullName, name));
}
