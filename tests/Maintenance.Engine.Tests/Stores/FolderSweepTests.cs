using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Tests.Stores;

/// <summary>What killed processes leave in a folder goes, and nothing else does.</summary>
public sealed class FolderSweepTests : IDisposable
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("maintenance-sweep-");

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public async Task Only_old_files_of_our_own_temporary_form_are_removed()
    {
        const string Id = "0123456789abcdef0123456789abcdef";
        string[] others = [".x.tmp", $".a.dump.{Id[1..]}.tmp", $".a.dump.{Id.ToUpperInvariant()}.tmp", $"a.dump.{Id}.tmp", $".{Id}.tmp", $".a.dump.{Id}.tmp.gz", "a.dump"];
        var (old, inner, young) = (Write($".a.dump.{Id}.tmp"), Write($"nightly/b/.toc.dat.{Id}.tmp"), Write($".young.dump.{Id}.tmp", hours: 5));
        Array.ForEach(others, name => Write(name));

        var swept = await SweepAsync("");
        Assert.Equal(new[] { old, inner }.Order(StringComparer.Ordinal), swept.Select(file => file.Path).Order(StringComparer.Ordinal));
        Assert.All(swept, file => Assert.Null(file.Problem));
        Assert.False(File.Exists(old) || File.Exists(inner));
        Assert.True(File.Exists(young));
        Assert.All(others, name => Assert.True(File.Exists(Path.Combine(_root.FullName, name)), name));
    }

    [Fact]
    public async Task What_is_still_being_written_stays_however_long_it_has_waited()
    {
        await using var upload = await new FolderFileStore(_root.FullName, "").BeginAsync("a.dump", "", TestContext.Current.CancellationToken);
        await upload.Content.WriteAsync(new byte[10], TestContext.Current.CancellationToken);
        await upload.Content.FlushAsync(TestContext.Current.CancellationToken);
        var path = Assert.Single(_root.GetFiles()).FullName;
        File.SetLastWriteTimeUtc(path, Now.AddHours(-20).UtcDateTime);
        Assert.Empty(await SweepAsync(""));
        Assert.True(File.Exists(path));
    }

    [Fact]
    public async Task What_was_to_have_another_name_than_the_store_holds_stays()
    {
        const string Id = "0123456789abcdef0123456789abcdef";
        var other = Write($"weekly/.a.dump.{Id}.tmp");
        var own = Write($".nightly-a.dump.{Id}.tmp");
        Assert.Equal([own], (await SweepAsync("nightly")).Select(file => file.Path));
        Assert.True(File.Exists(other));
    }

    private Task<IReadOnlyList<SweptFile>> SweepAsync(string begin) =>
        new FolderFileStore(_root.FullName, "").SweepAsync(begin, Now.AddHours(-6), TestContext.Current.CancellationToken);

    private string Write(string name, int hours = 7)
    {
        var path = Path.Combine(_root.FullName, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "half");
        File.SetLastWriteTimeUtc(path, Now.AddHours(-hours).UtcDateTime);
        return path;
    }
}
