using System.Diagnostics;
using System.Security.Cryptography;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Sas;
using Maintenance.Engine;
using Maintenance.Engine.Backup;
using Maintenance.Engine.Backup.Dump;
using Maintenance.Engine.Stores;
using Maintenance.IntegrationTests.Infrastructure;

namespace Maintenance.IntegrationTests.Backup;

/// <summary>Backups that a real pg_dump makes, and what is left when it does not.</summary>
public sealed class DumpTests(SandboxFixture servers) : IAsyncLifetime
{
    private static readonly Dictionary<string, long> Rows = new() { ["users"] = 1000, ["Odd; Table"] = 7, ["parts_1"] = 42, ["child"] = 1 };

    private DumpScene Scene { get; set; } = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => Scene = await DumpScene.CreateAsync(await servers.PostgresAsync(15));

    public async ValueTask DisposeAsync()
    {
        if (Scene is not null)
        {
            await Scene.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(BackupKind.Custom, ".dump")]
    [InlineData(BackupKind.Plain, ".sql")]
    [InlineData(BackupKind.PlainCompressed, ".sql.gz")]
    public async Task A_backup_is_whole_noted_and_can_be_restored(BackupKind format, string ending)
    {
        var before = TimeProvider.System.GetUtcNow();
        var backup = await Scene.DumpAsync(new BackupOptions { Format = format });

        Assert.Matches($@"\A{Scene.Database}-\d{{8}}T\d{{6}}Z{ending.Replace(".", "\\.", StringComparison.Ordinal)}\z", backup.Name);
        Assert.Equal([backup.Name, $"{backup.Name}.manifest.json"], Scene.Files());
        var content = await File.ReadAllBytesAsync(Path.Combine(Scene.StorePath, backup.Name), Token);
        Assert.Equal((content.LongLength, Convert.ToHexStringLower(SHA256.HashData(content))), (backup.SizeBytes, backup.Sha256));
        Assert.Equal((BackupCompleteness.Complete, format, Scene.Database, Scene.Target.Name), (backup.Completeness, backup.Kind, backup.Database, backup.Target));
        Assert.InRange(backup.TakenAt, before, TimeProvider.System.GetUtcNow());

        var manifest = await ManifestAsync(backup);
        Assert.Equal((backup.SizeBytes, backup.Sha256, backup.TakenAt), (manifest.SizeBytes, manifest.Sha256, manifest.TakenAt));
        Assert.StartsWith("15.", manifest.ServerVersion, StringComparison.Ordinal);
        Assert.StartsWith("pg_dump 15.", manifest.Program, StringComparison.Ordinal);
        Assert.Equal(await Scene.Admin.ScalarAsync<string>("SELECT system_identifier::text FROM pg_control_system()"), manifest.SystemIdentifier);
        Assert.True(manifest.FinishedAt > manifest.TakenAt);
        Assert.True(manifest.DatabaseSizeBytes > 1_000_000);
        Assert.Equal(Rows, manifest.Tables!.ToDictionary(table => table.Name, table => table.Rows!.Value));

        if (format != BackupKind.PlainCompressed)
        {
            Assert.Equal(Rows, await Scene.RestoreAsync(Path.Combine(Scene.StorePath, backup.Name)));
        }

        Assert.Empty(Scene.Sink.Warnings);
        Assert.True(Scene.Sink.ProgressUpdates.Last().Completed);
        Assert.Equal(0, await Scene.SessionsAsync());
    }

    [Fact]
    public async Task A_folder_is_sent_file_by_file_with_its_table_of_contents_last()
    {
        var temporary = Temporary();
        var backup = await Scene.DumpAsync(new BackupOptions { Format = BackupKind.Directory, Jobs = 2 });
        var manifest = await ManifestAsync(backup);
        Assert.Equal("toc.dat", manifest.Files[^1].Name);
        Assert.Equal((manifest.SizeBytes, backup.SizeBytes), (manifest.Files.Sum(file => file.SizeBytes), manifest.SizeBytes));
        foreach (var file in manifest.Files)
        {
            var content = await File.ReadAllBytesAsync(Path.Combine(Scene.StorePath, backup.Name, file.Name), Token);
            Assert.Equal((file.SizeBytes, file.Sha256), (content.LongLength, Convert.ToHexStringLower(SHA256.HashData(content))));
        }

        Assert.Equal(Rows, manifest.Tables!.ToDictionary(table => table.Name, table => table.Rows!.Value));
        Assert.Equal(Rows, await Scene.RestoreAsync(Path.Combine(Scene.StorePath, backup.Name)));
        Assert.Equal(temporary, Temporary());
    }

    [Theory]
    [InlineData(BackupKind.Custom)]
    [InlineData(BackupKind.Directory)]
    public async Task In_a_container_the_notes_are_at_the_backup_too(BackupKind format)
    {
        var container = await Scene.IntoContainerAsync(await servers.AzuriteAsync());
        var backup = await Scene.DumpAsync(new BackupOptions { Format = format });
        var blob = container.GetBlobClient(format == BackupKind.Directory ? $"{backup.Name}/toc.dat" : backup.Name);
        BlobProperties found = await blob.GetPropertiesAsync(cancellationToken: Token);
        Assert.StartsWith("nightly/", backup.Name, StringComparison.Ordinal);
        Assert.Equal((Scene.Database, $"{backup.SizeBytes}"), (found.Metadata["database"], found.Metadata["sizebytes"]));
        Assert.Equal(backup.TakenAt, DateTimeOffset.ParseExact(found.Metadata["takenat"], "O", null));
        var manifest = await ManifestAsync(backup);
        if (format == BackupKind.Custom)
        {
            Assert.Equal((backup.SizeBytes, backup.Sha256), (found.ContentLength, found.Metadata["sha256"]));
            var content = (await blob.DownloadContentAsync(Token)).Value.Content.ToArray();
            Assert.Equal(backup.Sha256, Convert.ToHexStringLower(SHA256.HashData(content)));
        }
        else
        {
            Assert.Equal(backup.SizeBytes, manifest.Files.Sum(file => file.SizeBytes));
        }
    }

    [Fact]
    public async Task The_rows_are_those_of_the_snapshot_whatever_is_written_meanwhile()
    {
        var dump = Scene.DumpAsync(new BackupOptions { PostgresPath = Scene.Program($"touch {Scene.Temporary("begun")}; while [ ! -e {Scene.Temporary("go")} ]; do sleep 0.05; done; exec $real \"$@\"") });
        await UntilAsync(() => File.Exists(Scene.Temporary("begun")));
        await Scene.Admin.ExecuteAsync("INSERT INTO users SELECT n, 'late' FROM generate_series(1001, 1500) AS n; DELETE FROM parts");
        await File.WriteAllTextAsync(Scene.Temporary("go"), "", Token);
        var backup = await dump;
        Assert.Equal(Rows, (await ManifestAsync(backup)).Tables!.ToDictionary(table => table.Name, table => table.Rows!.Value));
        Assert.Equal(Rows, await Scene.RestoreAsync(Path.Combine(Scene.StorePath, backup.Name)));
    }

    [Fact]
    public async Task Neither_the_password_nor_the_database_is_on_the_command_line()
    {
        await Scene.DumpAsync(new BackupOptions { PostgresPath = Scene.Program($"echo \"$@\" > {Scene.Temporary("arguments")}; exec $real \"$@\"") });
        var arguments = await File.ReadAllTextAsync(Scene.Temporary("arguments"), Token);
        Assert.Contains("--snapshot=", arguments, StringComparison.Ordinal);
        Assert.DoesNotContain(SandboxFixture.PasswordOf(Scene.Server), arguments, StringComparison.Ordinal);
        Assert.DoesNotContain(Scene.Database, arguments, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../../etc/passwd '\"")]
    [InlineData("dbname=postgres host=nowhere.invalid")]
    [InlineData("postgresql://nowhere.invalid/x")]
    [InlineData("-rf 🐘 äöü")]
    [InlineData("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")]
    public async Task A_database_of_any_name_is_dumped_under_a_safe_one(string database)
    {
        await using var scene = await DumpScene.CreateAsync(Scene.Server, database);
        var backup = await scene.DumpAsync();
        Assert.Equal([backup.Name, $"{backup.Name}.manifest.json"], scene.Files());
        Assert.Equal((database, database), (backup.Database, (await BackupManifests.ReadAsync(new FolderFileStore(scene.StorePath, ""), backup.Name, Token))!.Database));
        Assert.Equal(Rows, await scene.RestoreAsync(Path.Combine(scene.StorePath, backup.Name)));
        await scene.IntoContainerAsync(await servers.AzuriteAsync());
        Assert.Equal(database, (await scene.DumpAsync()).Database);
    }

    [Fact]
    public async Task Another_database_of_the_server_can_be_named()
    {
        var target = Scene.Target;
        Scene.Target = target.As(database: "postgres");
        var backup = await Scene.DumpAsync(new BackupOptions { Database = Scene.Database, CountRows = false });
        Assert.Equal(Scene.Database, backup.Database);
        Assert.Null((await ManifestAsync(backup)).Tables);
        Assert.Equal(Rows, await Scene.RestoreAsync(Path.Combine(Scene.StorePath, backup.Name)));

        // Also where a connection string names one already.
        var text = SandboxFixture.ConnectionString(Scene.Server);
        Scene.Target = target with { Database = target.Database! with { ConnectionString = SecretReference.FromSecureString(new System.Net.NetworkCredential("", text).SecurePassword) } };
        Assert.Equal(Scene.Database, (await Scene.DumpAsync(new BackupOptions { Database = Scene.Database, Name = "second.dump" })).Database);
    }

    [Fact]
    public async Task A_name_that_is_taken_is_never_replaced()
    {
        var options = new BackupOptions { Name = "same.dump" };
        await Scene.DumpAsync(options);
        var before = await File.ReadAllBytesAsync(Path.Combine(Scene.StorePath, "same.dump"), Token);
        await Scene.Admin.ExecuteAsync("DELETE FROM users");
        Assert.Equal(MaintenanceErrorCode.BackupExists, (await FailureAsync(() => Scene.DumpAsync(options))).Code);

        // Also if it comes while ours is made.
        var late = Scene.DumpAsync(new BackupOptions { Name = "late.dump", PostgresPath = Scene.Program($"$real \"$@\"; echo theirs > {Scene.StorePath}/late.dump") });
        Assert.Equal(MaintenanceErrorCode.BackupExists, (await FailureAsync(() => late)).Code);
        Assert.Equal("theirs\n", await File.ReadAllTextAsync(Path.Combine(Scene.StorePath, "late.dump"), Token));
        Assert.Equal(before, await File.ReadAllBytesAsync(Path.Combine(Scene.StorePath, "same.dump"), Token));
        Assert.Equal(["late.dump", "same.dump", "same.dump.manifest.json"], Scene.Files());

        await Scene.IntoContainerAsync(await servers.AzuriteAsync());
        await Scene.DumpAsync(options);
        Assert.Equal(MaintenanceErrorCode.BackupExists, (await FailureAsync(() => Scene.DumpAsync(options))).Code);
        var folder = new BackupOptions { Name = "folder", Format = BackupKind.Directory };
        await Scene.DumpAsync(folder);
        Assert.Equal(MaintenanceErrorCode.BackupExists, (await FailureAsync(() => Scene.DumpAsync(folder))).Code);
    }

    [Theory]
    [InlineData("$real \"$@\" | head -c 10000; echo 'pg_dump: error: it broke' >&2; exit 1", MaintenanceErrorCode.ProgramFailed, "it broke")]
    [InlineData("$real \"$@\" | head -c 10000; kill -9 $$", MaintenanceErrorCode.ProgramFailed, "137")]
    [InlineData("exit 0", MaintenanceErrorCode.ProgramFailed, "wrote nothing")]
    [InlineData("echo 'pg_dump: error: could not write: No space left on device' >&2; exit 1", MaintenanceErrorCode.ProgramFailed, "No space")]
    public async Task A_pg_dump_that_fails_leaves_nothing(string script, MaintenanceErrorCode code, string says)
    {
        var temporary = Temporary();
        foreach (var format in new[] { BackupKind.Custom, BackupKind.Directory })
        {
            if (format == BackupKind.Directory && script == "exit 0")
            {
                continue;
            }

            var failure = await FailureAsync(() => Scene.DumpAsync(new BackupOptions { Format = format, PostgresPath = Scene.Program(script) }));
            Assert.Equal(code, failure.Code);
            Assert.Contains(says, failure.Message, StringComparison.Ordinal);
        }

        Assert.Empty(Scene.Files());
        Assert.Equal(temporary, Temporary());
        var container = await Scene.IntoContainerAsync(await servers.AzuriteAsync());
        await FailureAsync(() => Scene.DumpAsync(new BackupOptions { PostgresPath = Scene.Program(script) }));
        Assert.Empty(await container.GetBlobsAsync(cancellationToken: Token).ToListAsync(Token));
    }

    [Theory]
    [InlineData(BackupKind.Custom, false)]
    [InlineData(BackupKind.Custom, true)]
    [InlineData(BackupKind.Directory, false)]
    public async Task A_backup_that_is_stopped_leaves_nothing_here_or_on_the_server(BackupKind format, bool blob)
    {
        var temporary = Temporary();
        var container = blob ? await Scene.IntoContainerAsync(await servers.AzuriteAsync()) : null;
        await using var holder = await SandboxDatabase.OpenAsync(Scene.Server, Scene.Database);
        await holder.ExecuteAsync("BEGIN; LOCK TABLE parts_1 IN ACCESS EXCLUSIVE MODE");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var options = new BackupOptions { Format = format };
        var dump = Scene.DumpAsync(options, cancellationToken: stop.Token);
        // pg_dump itself waits for the table, and says nothing meanwhile.
        await UntilAsync(async () => await Scene.Admin.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name ~ 'New-DatabaseBackup [0-9a-f]{16}$' AND wait_event_type = 'Lock'") > 0);

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => dump);

        Assert.Equal(0, await Scene.SessionsAsync());
        Assert.Empty(Scene.Files());
        Assert.Equal(temporary, Temporary());
        if (container is not null)
        {
            Assert.Empty(await container.GetBlobsAsync(cancellationToken: Token).ToListAsync(Token));
        }
    }

    [Fact]
    public async Task One_that_is_stopped_in_the_middle_of_its_data_leaves_nothing()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var dump = Scene.DumpAsync(
            new BackupOptions { Format = BackupKind.Plain, PostgresPath = Scene.Program("$real \"$@\" | { head -c 12000; sleep 100; }") }, cancellationToken: stop.Token);
        await UntilAsync(() => Scene.Files().Any(file => new FileInfo(Path.Combine(Scene.StorePath, file)).Length >= 8000));
        Assert.All(Scene.Files(), file => Assert.Null(BackupName.Parse(file)));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => dump);
        Assert.Empty(Scene.Files());
        Assert.Equal(0, await Scene.SessionsAsync());
    }

    [Fact]
    public async Task What_a_killed_process_left_is_removed_by_the_next_backup_and_what_others_left_is_not()
    {
        var (own, foreign) = ($".half.dump.{Guid.NewGuid():N}.tmp", ".x.tmp");
        foreach (var path in new[] { own, foreign }.Select(name => Path.Combine(Scene.StorePath, name)))
        {
            await File.WriteAllTextAsync(path, "half", Token);
            File.SetLastWriteTimeUtc(path, TimeProvider.System.GetUtcNow().UtcDateTime - BackupTime.TransferTime - TimeSpan.FromMinutes(1));
        }

        var backup = await Scene.DumpAsync();
        Assert.Equal(new[] { foreign, backup.Name, backup.Name + BackupManifests.Ending }.Order(StringComparer.Ordinal), Scene.Files());
        Assert.Contains(Scene.Sink.VerboseMessages, message => message.Contains(own, StringComparison.Ordinal));
        Assert.Empty(Scene.Sink.Warnings);
    }

    [Fact]
    public async Task Blocks_of_a_stopped_backup_do_not_make_a_healthy_store_look_incomplete()
    {
        var container = await Scene.IntoContainerAsync(await servers.AzuriteAsync());
        await Scene.Admin.ExecuteAsync("CREATE TABLE big AS SELECT md5(n::text) || md5((n + 1)::text) AS text FROM generate_series(1, 200000) AS n");
        string Name(int minutesAgo) => DumpNames.Default(Scene.Database, BackupKind.Plain, TimeProvider.System.GetUtcNow().AddMinutes(-minutesAgo));
        var options = new BackupOptions { Format = BackupKind.Plain, CountRows = false };
        var good = await Scene.DumpAsync(options with { Name = Name(2) });
        // A service tells times by the second: which of two backups of one second is the newer nobody can say.
        await UntilAsync(() => TimeProvider.System.GetUtcNow() > good.TakenAt.AddSeconds(2));

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var stopped = options with { Name = Name(0), PostgresPath = Scene.Program("$real \"$@\" | { head -c 9000000; sleep 100; }") };
        var dump = Scene.DumpAsync(stopped, cancellationToken: stop.Token);
        ValueTask<int> Sent() => container.GetBlobsAsync(new GetBlobsOptions { States = BlobStates.Uncommitted }, Token).CountAsync(blob => blob.Name.EndsWith(stopped.Name!, StringComparison.Ordinal), Token);
        await UntilAsync(async () => await Sent() > 0);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => dump);
        Assert.Equal(1, await Sent());

        async Task<BackupRecency> JudgeAsync(int hours) => Assert.Single(await new BackupService(new LaterTime(TimeSpan.FromHours(hours))).TestRecencyAsync(Scene.Target, TimeSpan.FromDays(1), Calls.Silent(), Token));
        var (soon, later) = (await JudgeAsync(0), await JudgeAsync(7));
        Assert.Equal((BackupRecencyState.Fresh, good.Name), (soon.State, soon.Newest!.Name));
        // Nobody has made one since: that is what the table of states says.
        Assert.Equal((BackupRecencyState.Incomplete, good.Name), (later.State, later.LastComplete!.Name));

        var newer = await Scene.DumpAsync(options with { Name = Name(1) });
        Assert.Equal(1, await Sent());
        foreach (var hours in new[] { 0, 7 })
        {
            var recency = await JudgeAsync(hours);
            Assert.Equal((BackupRecencyState.Fresh, newer.Name), (recency.State, recency.Newest!.Name));
        }
    }

    [Fact]
    public async Task A_server_session_that_is_ended_in_the_middle_is_told()
    {
        var dump = Scene.DumpAsync(new BackupOptions { PostgresPath = Scene.Program($"$real \"$@\" | {{ head -c 2000; touch {Scene.Temporary("begun")}; sleep 1; cat; }}; exit 1") });
        await UntilAsync(() => File.Exists(Scene.Temporary("begun")));
        await Scene.Admin.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
        var failure = await FailureAsync(() => dump);
        Assert.True(failure.Code is MaintenanceErrorCode.ProgramFailed or MaintenanceErrorCode.DatabaseUnreachable, $"{failure.Code}: {failure.Message}");
        Assert.Empty(Scene.Files());
    }

    [Fact]
    public async Task A_store_that_refuses_is_told_and_nothing_is_left()
    {
        var azurite = await servers.AzuriteAsync();
        var container = await Scene.IntoContainerAsync(azurite);
        var sas = container.GenerateSasUri(BlobContainerSasPermissions.Read | BlobContainerSasPermissions.List, TimeProvider.System.GetUtcNow().AddHours(1)).Query;
        var store = Scene.Target.BackupStore! with { ConnectionString = null, SasToken = SecretReference.FromSecureString(new System.Net.NetworkCredential("", sas).SecurePassword) };
        var failure = await FailureAsync(() => Scene.DumpAsync(new BackupOptions { Store = store }));
        Assert.Equal(MaintenanceErrorCode.StoreAuthenticationFailed, failure.Code);
        Assert.DoesNotContain("sig=", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, await Scene.SessionsAsync());

        var unreachable = store with { ServiceUri = new Uri("http://127.0.0.1:1/devstoreaccount1") };
        Assert.Equal(MaintenanceErrorCode.StoreUnreachable, (await FailureAsync(() => Scene.DumpAsync(new BackupOptions { Store = unreachable }))).Code);
        var missing = new StoreSettings { Path = Path.Combine(Scene.StorePath, "not mounted") };
        Assert.Equal(MaintenanceErrorCode.StoreNotFound, (await FailureAsync(() => Scene.DumpAsync(new BackupOptions { Store = missing }))).Code);
        Assert.Empty(Scene.Files());
    }

    [Fact]
    public async Task A_store_that_fails_in_the_middle_is_told_and_pg_dump_ends()
    {
        var container = await Scene.IntoContainerAsync(await servers.AzuriteAsync());
        await Scene.Admin.ExecuteAsync("CREATE TABLE big AS SELECT md5(n::text) || md5((n + 1)::text) AS text FROM generate_series(1, 200000) AS n");
        var dump = Scene.DumpAsync(new BackupOptions
        {
            Format = BackupKind.Plain,
            PostgresPath = Scene.Program($"$real \"$@\" | {{ head -c 9000000; touch {Scene.Temporary("begun")}; while [ ! -e {Scene.Temporary("go")} ]; do sleep 0.05; done; cat; }}"),
        });
        await UntilAsync(() => File.Exists(Scene.Temporary("begun")));
        // The blocks that were sent are gone with it, and the container is made anew for those that come.
        await container.DeleteAsync(cancellationToken: Token);
        await File.WriteAllTextAsync(Scene.Temporary("go"), "", Token);
        var failure = await FailureAsync(() => dump);
        Assert.True(failure.Code is MaintenanceErrorCode.StoreError or MaintenanceErrorCode.StoreNotFound, $"{failure.Code}: {failure.Message}");
        if (await container.ExistsAsync(Token))
        {
            Assert.Empty(await container.GetBlobsAsync(cancellationToken: Token).ToListAsync(Token));
        }
    }

    [Fact]
    public async Task A_table_that_may_not_be_read_is_told_with_the_grant_that_is_missing()
    {
        var nobody = await Scene.AsNobodyAsync();
        var failure = await FailureAsync(() => Scene.DumpAsync(target: nobody));
        Assert.Equal(MaintenanceErrorCode.PermissionDenied, failure.Code);
        Assert.Contains("permission denied for", failure.Message, StringComparison.Ordinal);
        Assert.Equal($"GRANT pg_read_all_data TO {nobody.Database!.Username};", failure.Recommendation);
        Assert.Empty(Scene.Files());

        await Scene.Admin.ExecuteAsync($"GRANT pg_read_all_data TO {nobody.Database.Username}");
        Assert.Equal(BackupCompleteness.Complete, (await Scene.DumpAsync(target: nobody)).Completeness);

        await Scene.Admin.ExecuteAsync("ALTER TABLE users ENABLE ROW LEVEL SECURITY");
        failure = await FailureAsync(() => Scene.DumpAsync(new BackupOptions { Name = "hidden.dump" }, nobody));
        Assert.Equal(MaintenanceErrorCode.PermissionDenied, failure.Code);
        Assert.Contains("BYPASSRLS", failure.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_that_pg_dump_does_not_dump_are_not_counted()
    {
        await Scene.Admin.ExecuteAsync("""
            CREATE EXTENSION pg_stat_statements;
            CREATE TABLE of_extension (id int); INSERT INTO of_extension VALUES (1);
            ALTER EXTENSION pg_stat_statements ADD TABLE of_extension;
            CREATE UNLOGGED TABLE unlogged (id int); INSERT INTO unlogged VALUES (1);
            CREATE VIEW a_view AS SELECT 1 AS one;
            """);
        var backup = await Scene.DumpAsync();
        Assert.Equal(["Odd; Table", "child", "parts_1", "unlogged", "users"], (await ManifestAsync(backup)).Tables!.Select(table => table.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_second_backup_at_the_same_time_is_refused()
    {
        var first = Scene.DumpAsync(new BackupOptions { PostgresPath = Scene.Program($"touch {Scene.Temporary("begun")}; while [ ! -e {Scene.Temporary("go")} ]; do sleep 0.05; done; exec $real \"$@\"") });
        await UntilAsync(() => File.Exists(Scene.Temporary("begun")));
        Assert.Equal(MaintenanceErrorCode.AlreadyRunning, (await FailureAsync(() => Scene.DumpAsync())).Code);
        await File.WriteAllTextAsync(Scene.Temporary("go"), "", Token);
        await first;
    }

    [Fact]
    public async Task A_pg_dump_that_is_missing_or_too_old_is_told()
    {
        Assert.Equal(MaintenanceErrorCode.ProgramNotFound, (await FailureAsync(() => Scene.DumpAsync(new BackupOptions { PostgresPath = Scene.StorePath }))).Code);
        var old = Scene.Program("");
        ShellScript.Write(Path.Combine(old, "pg_dump"), "#!/bin/sh\necho 'pg_dump (PostgreSQL) 13.5'\n");
        var failure = await FailureAsync(() => Scene.DumpAsync(new BackupOptions { PostgresPath = old }));
        Assert.Equal(MaintenanceErrorCode.ProgramNotFound, failure.Code);
        Assert.Contains("13.5", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Old_backups_that_no_rule_keeps_go_with_their_notes_and_only_our_own(bool blob)
    {
        if (blob)
        {
            await Scene.IntoContainerAsync(await servers.AzuriteAsync());
        }

        var prefix = Scene.Target.BackupStore!.Prefix;
        var options = new BackupOptions { Keep = new BackupKeepRules { Last = 2 } };
        foreach (var name in new[] { "1.dump", "2.dump", "other.sql" })
        {
            await Scene.DumpAsync(new BackupOptions { Name = name, Format = name.EndsWith(".sql", StringComparison.Ordinal) ? BackupKind.Plain : BackupKind.Custom });
        }

        foreach (var name in new[] { "folder-1", "folder-2", "folder-3" })
        {
            await Scene.DumpAsync(new BackupOptions { Name = name, Format = BackupKind.Directory });
        }

        var call = Calls.To(Scene.Sink);
        var store = await new BackupStores().OpenFilesAsync(Scene.Target.BackupStore, call, Token);
        // A database of the same name in another cluster, and a file of somebody's in a folder of ours.
        var elsewhere = await Scene.DumpAsync(new BackupOptions { Name = "elsewhere.dump" });
        var manifest = (await BackupManifests.ReadAsync(store, elsewhere.Name, Token))!;
        Assert.NotNull(manifest.SystemIdentifier);
        await BackupManifests.WriteAsync(store, manifest with { SystemIdentifier = "1", TakenAt = manifest.TakenAt.AddDays(-9) }, Token);
        await store.PutAsync($"{prefix}folder-1/NOTES.txt", new byte[3], "", Token);
        await store.PutAsync($"{prefix}foreign-20200101.dump", new byte[10], "", Token);
        // Of another size than was noted: not whole.
        await store.PutAsync($"{prefix}2.dump", new byte[10], "", Token);
        var plan = await Scene.Service.PlanAsync(Scene.Target, options, call, Token);
        Assert.Empty(plan.Expired);
        Assert.True(plan.EstimatedBytes > 0);
        var made = await Scene.Service.CreateAsync(Scene.Target, options, plan, call, Token);
        Assert.Empty(await Scene.Service.FindExpiredAsync(Scene.Target, options, plan, made, call, Token));

        plan = await Scene.Service.PlanAsync(Scene.Target, options with { Name = "4.dump" }, call, Token);
        Assert.Equal([$"{prefix}1.dump", $"{prefix}2.dump"], plan.Expired.Select(backup => backup.Name));
        made = await Scene.Service.CreateAsync(Scene.Target, options, plan, call, Token);
        await DeleteAsync(options, plan, made);

        var folders = options with { Format = BackupKind.Directory, Keep = new BackupKeepRules { Last = 1 }, Name = "folder-4" };
        plan = await Scene.Service.PlanAsync(Scene.Target, folders, call, Token);
        await DeleteAsync(folders, plan, await Scene.Service.CreateAsync(Scene.Target, folders, plan, call, Token));

        var left = await store.ListAsync(prefix, Token).Select(entry => entry.Name[prefix.Length..]).ToListAsync(Token);
        Assert.Equal(
            ["4.dump", "elsewhere.dump", "folder-4/toc.dat", "foreign-20200101.dump", "other.sql"],
            left.Where(name => BackupName.Parse(name) is not null && !name.StartsWith(Scene.Database, StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Equal(["4.dump", "elsewhere.dump", "folder-4", "other.sql"], left.Where(name => name.EndsWith(".manifest.json", StringComparison.Ordinal) && !name.StartsWith(Scene.Database, StringComparison.Ordinal)).Select(name => name[..^14]).Order(StringComparer.Ordinal));
        Assert.Equal(["folder-1/NOTES.txt"], left.Where(name => name.StartsWith("folder-1", StringComparison.Ordinal)));
        Assert.DoesNotContain(left, name => name.StartsWith("folder-3", StringComparison.Ordinal));
        if (!blob)
        {
            Assert.False(Directory.Exists(Path.Combine(Scene.StorePath, "folder-3")));
        }

        async Task DeleteAsync(BackupOptions chosen, BackupPlan planned, DatabaseBackup backup)
        {
            foreach (var expired in await Scene.Service.FindExpiredAsync(Scene.Target, chosen, planned, backup, call, Token))
            {
                await Scene.Service.DeleteAsync(Scene.Target, chosen, expired, call, Token);
            }
        }
    }

    [Fact]
    public async Task The_guard_removes_the_folder_of_a_process_that_was_killed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no guard there.");
        var folder = Directory.CreateDirectory(Scene.Temporary("guarded")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "3000.dat"), "rows", Token);
        using var writer = Process.Start("/bin/sleep", ["100"]);
        var start = new ProcessStartInfo("/bin/sh", ["-c", EngineResource.Read("Backup/Dump/Scripts/Guard.sh"), "guard", folder]) { RedirectStandardInput = true };
        using var guard = Process.Start(start)!;
        await guard.StandardInput.WriteLineAsync($"{writer.Id}");
        // As the pipe of a process that is no more.
        guard.StandardInput.Close();
        await guard.WaitForExitAsync(Token);
        await writer.WaitForExitAsync(Token);
        Assert.False(Directory.Exists(folder));
        Assert.NotEqual(0, writer.ExitCode);
    }

    private static List<string> Temporary() => [.. Directory.GetDirectories(Path.GetTempPath(), "maintenance-dump-*").Order(StringComparer.Ordinal)];

    private static async Task<MaintenanceException> FailureAsync(Func<Task<DatabaseBackup>> work) => await Assert.ThrowsAsync<MaintenanceException>(work);

    private static Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        while (!await condition())
        {
            await Task.Delay(50, patience.Token);
        }
    }

    private async Task<BackupManifest> ManifestAsync(DatabaseBackup backup) =>
        Assert.IsType<BackupManifest>(await BackupManifests.ReadAsync(await new BackupStores().OpenFilesAsync(Scene.Target.BackupStore!, Calls.Silent(), Token), backup.Name, Token));
}

/// <summary>A standby can be dumped as well.</summary>
[Collection(ReplicatedServers.Name)]
public sealed class StandbyDumpTests(ReplicatedServers servers)
{
    [Fact]
    public async Task A_standby_is_dumped_and_counted()
    {
        var (primary, standby) = await servers.PairAsync(15);
        await using var scene = await DumpScene.CreateAsync(primary.Sandbox);
        await scene.Admin.ExecuteAsync("CREATE UNLOGGED TABLE unlogged (id int)");
        scene.Target = scene.Target with { Database = scene.Target.Database! with { Port = standby.Port } };
        await using (var connection = await SandboxDatabase.OpenAsync(primary.Sandbox))
        {
            while (!await connection.ScalarAsync<bool>("SELECT COALESCE(bool_and(replay_lsn >= pg_current_wal_lsn()), false) FROM pg_stat_replication"))
            {
                await Task.Delay(50, TestContext.Current.CancellationToken);
            }
        }

        var backup = await scene.DumpAsync();
        var manifest = await BackupManifests.ReadAsync(new FolderFileStore(scene.StorePath, ""), backup.Name, TestContext.Current.CancellationToken);
        Assert.Equal(["Odd; Table", "child", "parts_1", "users"], manifest!.Tables!.Select(table => table.Name).Order(StringComparer.Ordinal));
        Assert.Equal(1000, manifest.Tables!.Single(table => table.Name == "users").Rows);
    }
}

/// <summary>The clock of somebody who asks later.</summary>
internal sealed class LaterTime(TimeSpan by) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
}
