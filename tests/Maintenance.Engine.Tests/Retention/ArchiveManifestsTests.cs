using System.Text;
using Maintenance.Engine.Retention;

namespace Maintenance.Engine.Tests.Retention;

public sealed class ArchiveManifestsTests
{
    private const string Name = "public.t/2026/11/5d0f/manifest.json";

    [Fact]
    public void A_manifest_reads_as_it_was_written()
    {
        var written = Sample();
        var bytes = ArchiveManifests.Write(written);
        var read = ArchiveManifests.Read(Name, bytes);
        Assert.Equal(written with { Columns = read.Columns, Parts = read.Parts }, read);
        Assert.Equal(written.Columns, read.Columns);
        Assert.Equal(written.Parts, read.Parts);
        Assert.Equal(64, ArchiveManifests.Sha256(bytes).Length);
    }

    [Theory]
    [InlineData("\"format\": 1", "\"format\": 2")]
    [InlineData("\"format\": 1,", "")]
    [InlineData("part-00001", "part-00002")]
    [InlineData("public.t/2026/11/5d0f/part-00001", "../../part-00001")]
    [InlineData("\"rows\": 7", "\"rows\": 8")]
    [InlineData("\"sha256\": \"aa\"", "\"sha256\": null")]
    [InlineData("\"schema\"", "\"scheme\"")]
    [InlineData("}", "")]
    public void What_was_changed_is_refused(string from, string to)
    {
        var text = Encoding.UTF8.GetString(ArchiveManifests.Write(Sample()));
        Assert.Contains(from, text, StringComparison.Ordinal);
        var at = text.IndexOf(from, StringComparison.Ordinal);
        var changed = string.Concat(text.AsSpan(0, at), to, text.AsSpan(at + from.Length));
        var refusal = Assert.Throws<MaintenanceException>(() => ArchiveManifests.Read(Name, Encoding.UTF8.GetBytes(changed)));
        Assert.Equal(MaintenanceErrorCode.ArchiveMismatch, refusal.Code);
    }

    [Fact]
    public void Columns_read_as_they_were_written()
    {
        ArchivedColumn[] columns = [new("we\"ird\nnäme", "numeric(10,2)", true), new("id", "bigint", false)];
        Assert.Equal(columns, ArchiveManifests.ReadColumns(ArchiveManifests.WriteColumns(columns)));
    }

    private static ArchiveManifest Sample() => new()
    {
        Id = Guid.NewGuid(),
        Target = "production",
        Database = "app",
        Schema = "public",
        Table = "t",
        TimeColumn = "created_at",
        TimeColumnType = "timestamp with time zone",
        CutOff = new DateTimeOffset(2026, 8, 1, 2, 3, 4, TimeSpan.Zero).AddTicks(10),
        Columns = [new("id", "bigint", false), new("text", "text", true)],
        Parts =
        [
            new ArchivePart
            {
                Number = 1, Name = "public.t/2026/11/5d0f/part-00001.csv.gz", Rows = 7, Bytes = 100, StoredBytes = 50, Sha256 = "aa", OldestTime = "2026-01-01 00:00:00+00", NewestTime = "2026-01-02 00:00:00+00",
            },
        ],
        Rows = 7,
        ServerVersion = "18.4",
        CreatedAt = new DateTimeOffset(2026, 11, 1, 2, 3, 4, TimeSpan.Zero),
        FinishedAt = new DateTimeOffset(2026, 11, 1, 2, 3, 5, TimeSpan.Zero),
    };
}
