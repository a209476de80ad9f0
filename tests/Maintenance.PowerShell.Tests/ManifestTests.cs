using System.Management.Automation.Language;
using Maintenance.Packager;

namespace Maintenance.ModuleTests;

public sealed class ManifestTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("manifest-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void The_manifest_is_clean()
    {
        using var runspace = new ModuleRunspace(import: false);
        var result = runspace.Run($"Test-ModuleManifest '{ModuleRunspace.ManifestPath}'");
        Assert.Null(result.Terminating);
        Assert.Empty(result.Errors);
        Assert.Empty(result.Warnings);
        Assert.Single(result.Output);
    }

    /// <summary>Windows PowerShell 5.1 reads it before it knows that it is too old: data alone, in letters that it cannot misread.</summary>
    [Fact]
    public void The_manifest_is_data_that_every_PowerShell_can_read()
    {
        Assert.All(File.ReadAllText(ModuleRunspace.ManifestPath), letter => Assert.True(char.IsAscii(letter), $"{letter}"));
        var script = Parser.ParseFile(ModuleRunspace.ManifestPath, out _, out var errors);
        Assert.Empty(errors);
        // Literals alone: no operator, variable or command that one version knows and another does not.
        Type[] kinds =
        [
            typeof(ScriptBlockAst), typeof(NamedBlockAst), typeof(PipelineAst), typeof(CommandExpressionAst), typeof(HashtableAst), typeof(StringConstantExpressionAst),
            typeof(ArrayExpressionAst), typeof(ArrayLiteralAst), typeof(StatementBlockAst),
        ];
        Assert.All(script.FindAll(_ => true, searchNestedScriptBlocks: true), node => Assert.Contains(node.GetType(), kinds));
    }

    /// <summary>
    /// The engine here cannot be made older, so that the module asks for a newer one. Its libraries are missing on purpose: had one been
    /// tried first, the error would be about that.
    /// </summary>
    [Fact]
    public void A_PowerShell_that_is_too_old_is_told_so_before_anything_is_loaded()
    {
        var manifest = Path.Combine(_folder.FullName, "Maintenance.psd1");
        var text = File.ReadAllText(ModuleRunspace.ManifestPath);
        Assert.Contains("PowerShellVersion = '7.6'", text, StringComparison.Ordinal);
        File.WriteAllText(manifest, text.Replace("PowerShellVersion = '7.6'", "PowerShellVersion = '99.6'", StringComparison.Ordinal));
        using var runspace = new ModuleRunspace(import: false);
        var result = runspace.Run($"Import-Module '{manifest}' -ErrorAction Stop");
        var message = result.Terminating!.Message;
        Assert.Contains("PowerShell", message, StringComparison.Ordinal);
        Assert.Contains("'99.6'", message, StringComparison.Ordinal);
        Assert.Contains("requires a minimum", message, StringComparison.Ordinal);
        Assert.DoesNotContain(".dll", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("It\u2019s new", false)]
    [InlineData("It's new", true)]
    public void Release_notes_that_an_old_PowerShell_would_misread_are_refused(string notes, bool accepted)
    {
        var source = new ModuleManifest("@{\n    ModuleVersion = '0.0.0'\n    Tags = @('MacOS')\n}\n");
        if (accepted)
        {
            Assert.Equal(("1.2.3", notes), (Complete().Version, Complete().ReleaseNotes));
        }
        else
        {
            Assert.Contains("ASCII", Assert.Throws<PackagingException>(Complete).Message, StringComparison.Ordinal);
        }

        ModuleManifest Complete() => source.Complete("1.2.3", "https://example.org/licence", projectUri: null, notes);
    }

    [Fact]
    public void A_version_that_the_changelog_does_not_tell_of_is_not_packed()
    {
        const string changelog = "# Changelog\r\n\r\n## [Unreleased]\r\n\r\nSoon.\r\n\r\n## [1.0.0]\r\n\r\nThe first.\r\n";
        Assert.Equal("The first.", ReleaseNotes.Of("1.0.0", changelog));
        Assert.Throws<PackagingException>(() => ReleaseNotes.Of("1.0.1", changelog));
    }
}
