using System.Text;
using Maintenance.Engine.Retention;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Retention;

public sealed class FileRestore15Tests(SandboxFixture servers) : FileRestoreTests(servers, 15);

public sealed class FileRestore18Tests(SandboxFixture servers) : FileRestoreTests(servers, 18);

/// <summary>Rows that come back out of files.</summary>
public abstract class FileRestoreTests(SandboxFixture servers, int major)
{
    // Values that a file could get wrong: null beside empty text, quotes, line ends, a backslash before a dot, other letters.
    private const string Schema = """
        CREATE TYPE mood AS ENUM ('good', 'bad');
        CREATE TABLE logs (
            id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL, note text, amount numeric(10,2), code char(5), mood mood, tags text[], data jsonb, raw bytea,
            size int GENERATED ALWAYS AS (length(note)) STORED);
        """;

    private const string Rows = """
        INSERT INTO logs (at, note, amount, code, mood, tags, data, raw)
        SELECT '2026-01-01'::timestamptz + n * interval '1 minute',
               (ARRAY[NULL, '', 'a "quoted" one', E'two\nlines', E'\\.', 'Grüße €', ',', 'NULL'])[n % 8 + 1],
               n / 7.0, 'c' || n % 10, (ARRAY['good', 'bad']::mood[])[n % 2 + 1], ARRAY['x', NULL, 'y,"z'], jsonb_build_object('n', n), decode('00ff', 'hex')
        FROM generate_series(1, 3000) n;
        CREATE TABLE before AS TABLE logs;
        """;

    private const string Columns = "id, at, note, amount, code, mood, tags, data, raw, size";

    private static readonly DbObjectReference Logs = new("logs");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // The rows are in three files, and nowhere else.
    private async Task<(RestoreScene Scene, WrittenArchive Archive)> ArchivedAsync(string more = "", bool checksum = true)
    {
        var scene = await RestoreScene.CreateAsync(servers, major, Schema + Rows);
        var archive = await WrittenArchive.WriteAsync(scene.Database, scene.Target, "logs", 1000, checksum);
        await scene.ExecuteAsync($"TRUNCATE logs; {more}");
        return (scene, archive);
    }

    private static RestoreOptions Of(WrittenArchive archive) => new() { Manifests = [archive.Name] };

    private static async Task AssertNothingCameBackAsync(RestoreScene scene)
    {
        Assert.Equal(0, await scene.CountAsync("logs"));
        Assert.False(await scene.ScalarAsync<bool>("SELECT to_regclass('maintenance.archive_restores') IS NOT NULL") && await scene.CountAsync("maintenance.archive_restores") > 0);
    }

    [Fact]
    public async Task Another_empty_database_gets_every_row_back_from_the_store_alone()
    {
        var (scene, archive) = await ArchivedAsync();
        await using var _ = scene;
        await using var other = await RestoreScene.CreateAsync(servers, major, Schema, scene.Target.ArchiveStore);
        var plan = await other.PlanAsync(new RestoreOptions { Table = Logs });
        Assert.Equal((StepState.Planned, 3000L, archive.Name, archive.Manifest.Id), (plan.State, plan.RowsFound, plan.Source, plan.ArchiveId));
        Assert.Equal(["size"], plan.ColumnsLeftOut);
        Assert.Contains("The files stay", plan.Message, StringComparison.Ordinal);
        Assert.False(await other.ScalarAsync<bool>("SELECT to_regnamespace('maintenance') IS NOT NULL"));

        var done = await other.DoneAsync(new RestoreOptions { Table = Logs, Verify = true });
        Assert.Equal((3000L, 3, 3, true), (done.Rows, done.Parts, done.Batches, done.Verified));
        Assert.Contains("stay in the store", done.Message, StringComparison.Ordinal);
        Assert.Equal(await scene.ContentAsync("before"), await other.ContentAsync("logs"));
        await other.ExecuteAsync("INSERT INTO logs (at) VALUES (now())");
        Assert.Equal(3001, await other.ScalarAsync<int>("SELECT max(id) FROM logs"));
        Assert.Equal(3, await other.CountAsync("maintenance.archive_restores"));
        await other.Database.AssertNothingRunsAsync();
    }

    [Fact]
    public async Task What_was_restored_does_not_come_back_twice_unless_forced()
    {
        var (scene, archive) = await ArchivedAsync();
        await using var _ = scene;
        await scene.DoneAsync(Of(archive));
        var again = await scene.RestoreAsync(Of(archive));
        Assert.Equal((StepState.Skipped, MaintenanceErrorCode.AlreadyRestored, HealthStatus.Ok), (again.State, again.Error, again.Status));
        await scene.RefusedAsync(Of(archive) with { Force = true }, MaintenanceErrorCode.KeyExists);
        await scene.ExecuteAsync("DELETE FROM logs WHERE id <= 500");
        var forced = await scene.DoneAsync(Of(archive) with { Force = true, SkipExisting = true, Verify = true });
        Assert.Equal((500L, 2500L, null), (forced.Rows, forced.RowsSkipped, forced.Verified));
        Assert.NotNull(forced.Verification);
        Assert.Equal(await scene.ContentAsync("before"), await scene.ContentAsync("logs"));
        // Into another table they were not restored yet.
        await scene.ExecuteAsync("CREATE TABLE copy (LIKE before)");
        Assert.Equal(3000, (await scene.DoneAsync(Of(archive) with { Destination = new DbObjectReference("copy") })).Rows);
    }

    [Fact]
    public async Task A_time_range_comes_back_and_later_what_is_missing()
    {
        var (scene, archive) = await ArchivedAsync();
        await using var _ = scene;
        var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var range = Of(archive) with { From = start.AddMinutes(500), To = start.AddMinutes(1500), Verify = true };
        var done = await scene.DoneAsync(range);
        Assert.Equal((1000L, 2, true), (done.Rows, done.Parts, done.Verified));
        Assert.Equal(MaintenanceErrorCode.AlreadyRestored, (await scene.RestoreAsync(range)).Error);
        Assert.Equal(MaintenanceErrorCode.AlreadyRestored, (await scene.RestoreAsync(range with { From = start.AddMinutes(600), To = start.AddMinutes(1400) })).Error);
        var none = await scene.RestoreAsync(range with { To = start, From = null });
        Assert.Equal((StepState.Skipped, 0L), (none.State, none.RowsFound));
        Assert.Equal(200, (await scene.DoneAsync(range with { From = start.AddMinutes(300), To = start.AddMinutes(700) })).Rows);
        var rest = await scene.DoneAsync(Of(archive));
        Assert.Equal((1800L, 3), (rest.Rows, rest.Parts));
        Assert.Equal(await scene.ContentAsync("before"), await scene.ContentAsync("logs"));
    }

    [Theory]
    [InlineData(nameof(FaultPoint.PartRestored), 1000)]
    [InlineData(nameof(FaultPoint.RestoreCommitted), 2000)]
    public async Task Whatever_breaks_it_each_file_is_restored_whole_or_not_and_the_next_run_goes_on(string point, int whole)
    {
        var (scene, archive) = await ArchivedAsync();
        await using var _ = scene;
        scene.BreakAt(Enum.Parse<FaultPoint>(point), after: 1);
        Assert.Equal(StepState.Failed, (await scene.RestoreAsync(Of(archive))).State);
        Assert.Equal(whole, await scene.CountAsync("logs"));
        var rest = await scene.DoneAsync(Of(archive));
        Assert.Equal((3000L - whole, whole / 1000), (rest.Rows, rest.PartsRestoredBefore));
        Assert.Equal(await scene.ContentAsync("before"), await scene.ContentAsync("logs"));
    }

    [Fact]
    public async Task A_file_that_is_not_what_was_written_restores_nothing()
    {
        var (scene, archive) = await ArchivedAsync();
        await using var _ = scene;
        var (part, whole) = (archive.Manifest.Parts[0], archive.BytesOf(1));
        var altered = archive.BytesOf(1);
        altered[altered.Length / 2] ^= 1;
        var end = archive.BytesOf(1);
        end[^1] ^= 1;
        foreach (var bytes in new[] { altered, end, whole[..^100], whole[..(whole.Length / 2)], [], [.. whole, 0], [.. whole, .. whole], new byte[whole.Length] })
        {
            await archive.PutAsync(part.Name, bytes);
            await scene.RefusedAsync(Of(archive), MaintenanceErrorCode.ArchiveMismatch);
            await AssertNothingCameBackAsync(scene);
        }

        await archive.Store.DeleteAsync(part.Name, Token);
        var missing = await scene.RefusedAsync(Of(archive), MaintenanceErrorCode.ArchiveNotFound);
        Assert.Equal(HealthStatus.Warning, missing.Status);
        await AssertNothingCameBackAsync(scene);
        await archive.PutAsync(part.Name, whole);
        Assert.Equal(3000, (await scene.DoneAsync(Of(archive))).Rows);
    }

    [Fact]
    public async Task A_file_that_holds_other_rows_than_it_says_restores_nothing()
    {
        var (scene, archive) = await ArchivedAsync();
        await using var _ = scene;
        var (text, part) = (archive.TextOf(1), archive.Manifest.Parts[0]);
        // One row more, one less, another value; and a file that never ends.
        await archive.ForgeAsync(1, text + text[(text.IndexOf('\n', StringComparison.Ordinal) + 1)..]);
        await scene.RefusedAsync(Of(archive), MaintenanceErrorCode.ArchiveMismatch);
        await archive.ForgeAsync(1, text[..(text.TrimEnd('\n').LastIndexOf('\n') + 1)]);
        await scene.RefusedAsync(Of(archive), MaintenanceErrorCode.ArchiveMismatch);
        await archive.ForgeAsync(1, text.Replace("Grüße", "Grusse", StringComparison.Ordinal));
        await scene.RefusedAsync(Of(archive), MaintenanceErrorCode.ArchiveMismatch);
        await archive.ForgeAsync(1, text + new string('x', 50_000_000), forged => forged with { Bytes = part.Bytes });
        var bomb = await scene.RefusedAsync(Of(archive), MaintenanceErrorCode.ArchiveMismatch);
        Assert.Contains("holds more than", bomb.Message, StringComparison.Ordinal);
        await archive.ForgeAsync(1, "no CSV of ours\n\"");
        var garbage = await scene.RefusedAsync(Of(archive), MaintenanceErrorCode.ArchiveMismatch);
        Assert.DoesNotContain("no CSV of ours", garbage.Message, StringComparison.Ordinal);
        await AssertNothingCameBackAsync(scene);
    }

    [Fact]
    public async Task A_manifest_that_leads_elsewhere_or_is_of_another_form_is_refused()
    {
        var (scene, archive) = await ArchivedAsync();
        await using var _ = scene;
        var (manifest, options) = (archive.Manifest, Of(archive));
        var name = archive.Name;
        var text = Encoding.UTF8.GetString(ArchiveManifests.Write(manifest));
        var file = manifest.Parts[0].Name;
        foreach (var changed in new[]
        {
            text.Replace("\"format\": 1", "\"format\": 99", StringComparison.Ordinal),
            text.Replace(file, $"../{file}", StringComparison.Ordinal),
            text.Replace(file, "/etc/passwd", StringComparison.Ordinal),
            text.Replace(file, file.Replace("part-00001", "../part-00001", StringComparison.Ordinal), StringComparison.Ordinal),
            text.Replace("\"rows\": 1000", "\"rows\": 999", StringComparison.Ordinal),
            text.Replace("timestamp with time zone", "timestamp); DROP TABLE before; --", StringComparison.Ordinal),
            text.Replace($"\"{manifest.Parts[0].OldestTime}\"", "\"1; DROP TABLE before\"", StringComparison.Ordinal),
            text[..(text.Length / 2)],
            "",
        })
        {
            Assert.NotEqual(text, changed);
            await archive.Store.PutAsync(name, Encoding.UTF8.GetBytes(changed), "application/json", Token);
            await scene.RefusedAsync(options, MaintenanceErrorCode.ArchiveMismatch);
        }

        foreach (var elsewhere in new[] { "../manifest.json", "/etc/manifest.json", "a/../../manifest.json", "a\\..\\manifest.json", "manifest.json", file })
        {
            await scene.RefusedAsync(new RestoreOptions { Manifests = [elsewhere] }, MaintenanceErrorCode.InvalidArgument);
        }

        await scene.RefusedAsync(new RestoreOptions { Manifests = ["nowhere/manifest.json"] }, MaintenanceErrorCode.ArchiveNotFound);
        Assert.Equal(3000, await scene.CountAsync("before"));
        await AssertNothingCameBackAsync(scene);
    }

    [Fact]
    public async Task A_type_that_is_gone_and_hostile_names_are_read_as_text()
    {
        var (scene, archive) = await ArchivedAsync("ALTER TABLE logs ALTER COLUMN mood TYPE text; DROP TABLE before; DROP TYPE mood; CREATE TABLE kept (id int)");
        await using var _ = scene;
        var plan = await scene.PlanAsync(Of(archive));
        Assert.Contains(plan.Notes, note => note.Contains("public.mood of mood does not exist any more", StringComparison.Ordinal));
        ArchivedColumn[] hostile = [.. archive.Manifest.Columns.Select(column => column.Name == "mood" ? column with { Type = "int); DROP TABLE kept; --" } : column)];
        await archive.WriteManifestAsync(archive.Manifest with { Columns = hostile });
        Assert.Equal(3000, (await scene.DoneAsync(Of(archive) with { Verify = true })).Rows);
        Assert.Equal(1500, await scene.ScalarAsync<long>("SELECT count(*) FROM logs WHERE mood = 'good'"));
        Assert.Equal(0, await scene.CountAsync("kept"));
    }

    [Fact]
    public async Task An_enumeration_that_lacks_a_value_is_named_by_its_column()
    {
        var (scene, archive) = await ArchivedAsync("ALTER TYPE mood RENAME VALUE 'bad' TO 'worse'");
        await using var _ = scene;
        var refused = await scene.RefusedAsync(Of(archive), MaintenanceErrorCode.DestinationUnfit);
        Assert.Contains("mood", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("bad", refused.Message, StringComparison.Ordinal);
        await AssertNothingCameBackAsync(scene);
    }

    [Fact]
    public async Task Columns_that_drifted_are_mapped_cast_or_refused_by_name()
    {
        var (scene, archive) = await ArchivedAsync("ALTER TABLE logs DROP COLUMN size; ALTER TABLE logs DROP COLUMN data; ALTER TABLE logs RENAME note TO message; ALTER TABLE logs ALTER COLUMN amount TYPE text; ALTER TABLE logs ADD COLUMN tenant int NOT NULL DEFAULT 7");
        await using var _ = scene;
        var options = Of(archive) with { ColumnMap = new Dictionary<string, string> { ["note"] = "message" }, IgnoreColumns = ["data", "size"], Verify = true };
        Assert.Contains("data", (await scene.RefusedAsync(options with { IgnoreColumns = ["size"] }, MaintenanceErrorCode.DestinationUnfit)).Message, StringComparison.Ordinal);
        await scene.ExecuteAsync("ALTER TABLE logs ALTER COLUMN message TYPE varchar(5)");
        var tooLong = await scene.RefusedAsync(options, MaintenanceErrorCode.DestinationUnfit);
        Assert.Contains("note (text)", tooLong.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("quoted", tooLong.Message, StringComparison.Ordinal);
        await AssertNothingCameBackAsync(scene);
        await scene.ExecuteAsync("ALTER TABLE logs ALTER COLUMN message TYPE text");
        var done = await scene.DoneAsync(options);
        Assert.Equal((3000L, true), (done.Rows, done.Verified));
        Assert.Contains("amount (numeric(10,2) → text)", done.Columns);
        Assert.Equal(3000, await scene.ScalarAsync<long>("SELECT count(*) FROM logs JOIN before USING (id) WHERE message IS NOT DISTINCT FROM note AND logs.amount = before.amount::text AND tenant = 7"));
    }

    [Fact]
    public async Task Partitions_take_the_rows_and_one_that_is_missing_is_told()
    {
        var (scene, archive) = await ArchivedAsync("CREATE TABLE parted (LIKE before) PARTITION BY RANGE (at); CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM ('2026-01-01') TO ('2026-01-02')");
        await using var _ = scene;
        var options = Of(archive) with { Destination = new DbObjectReference("public.parted") };
        Assert.Contains("no partition", (await scene.RefusedAsync(options, MaintenanceErrorCode.DestinationUnfit)).Message, StringComparison.Ordinal);
        await scene.ExecuteAsync("CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM ('2026-01-02') TO ('2027-01-01')");
        await scene.DoneAsync(options with { Verify = true });
        Assert.Equal(await scene.ContentAsync("before"), await scene.ContentAsync("parted"));
    }

    [Fact]
    public async Task Of_an_archive_that_was_never_finished_the_files_whose_rows_left_come_back()
    {
        var (scene, archive) = await ArchivedAsync();
        await using var _ = scene;
        await archive.RegisterAsync(scene.Database, parts: 2, finished: false);
        await archive.Store.DeleteAsync(archive.Name, Token);
        var done = await scene.DoneAsync(new RestoreOptions { Table = Logs });
        Assert.Equal((2000L, 2), (done.Rows, done.Parts));
        Assert.Null(done.Manifest);
        Assert.Equal(2000, await scene.ScalarAsync<int>("SELECT max(id) FROM logs"));
    }

    [Fact]
    public async Task A_manifest_that_is_not_the_one_on_record_is_refused()
    {
        var (scene, archive) = await ArchivedAsync();
        await using var _ = scene;
        await archive.RegisterAsync(scene.Database, parts: 3, finished: true);
        await archive.ForgeAsync(1, archive.TextOf(1).Replace("Grüße", "Grusse", StringComparison.Ordinal), forged => forged with { Checksum = null });
        await scene.RefusedAsync(Of(archive), MaintenanceErrorCode.ArchiveMismatch);
        // Found by the table, the database's own record counts, and the file is not what it says.
        await scene.RefusedAsync(new RestoreOptions { Table = Logs }, MaintenanceErrorCode.ArchiveMismatch);
        await AssertNothingCameBackAsync(scene);
    }

    [Fact]
    public async Task A_blob_container_is_a_store_as_well()
    {
        var store = (await servers.AzuriteAsync()).Target.ArchiveStore! with { Container = $"restore-{Guid.NewGuid():N}" };
        await using var scene = await RestoreScene.CreateAsync(servers, major, Schema + Rows, store);
        var archive = await WrittenArchive.WriteAsync(scene.Database, scene.Target, "logs", 1500, columns: Columns);
        await scene.ExecuteAsync("TRUNCATE logs");
        Assert.Equal(3000, (await scene.DoneAsync(new RestoreOptions { Table = Logs, Verify = true })).Rows);
        Assert.Equal(await scene.ContentAsync("before"), await scene.ContentAsync("logs"));
        await archive.Store.DeleteAsync(archive.Manifest.Parts[1].Name, Token);
        await scene.RefusedAsync(Of(archive) with { Force = true, SkipExisting = true }, MaintenanceErrorCode.ArchiveNotFound);
    }
}
