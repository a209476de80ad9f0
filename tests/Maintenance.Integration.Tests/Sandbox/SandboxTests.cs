using System.Diagnostics;
using System.Net;
using System.Net.NetworkInformation;
using Azure;
using Azure.Storage.Blobs;
using Maintenance.Engine.Programs;
using Maintenance.Engine.Sandbox;
using Maintenance.IntegrationTests.Infrastructure;
using Npgsql;

namespace Maintenance.IntegrationTests.Sandbox;

public sealed class SandboxTests(SandboxFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task A_sandbox_runs_the_version_asked_for(int major)
    {
        var sandbox = await fixture.PostgresAsync(major);
        var version = await ScalarAsync<string>(sandbox, "SHOW server_version");
        Assert.StartsWith($"{major}.", version, StringComparison.Ordinal);
        Assert.StartsWith(sandbox.PostgresVersion, version, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task It_counts_statements_and_times_its_reads(int major)
    {
        var sandbox = await fixture.PostgresAsync(major);
        Assert.True(await ScalarAsync<long>(sandbox, "SELECT count(*) FROM pg_stat_statements") > 0);
        Assert.Equal("on", await ScalarAsync<string>(sandbox, "SHOW track_io_timing"));
        Assert.Equal("logical", await ScalarAsync<string>(sandbox, "SHOW wal_level"));
    }

    [Fact]
    public async Task It_refuses_those_without_its_password()
    {
        var sandbox = await fixture.PostgresAsync(15);
        foreach (var password in new[] { "", "Password=postgres;" })
        {
            await using var source = NpgsqlDataSource.Create($"Host={sandbox.Host};Port={sandbox.Port};Username={sandbox.Username};{password}Pooling=false");
            await Assert.ThrowsAnyAsync<NpgsqlException>(async () => await source.OpenConnectionAsync(Token));
        }
    }

    [Fact]
    public async Task It_listens_on_loopback_alone()
    {
        var sandbox = await fixture.AzuriteAsync();
        int[] ports = [sandbox.Port, sandbox.BlobServiceUri!.Port];
        var listeners = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Where(listener => ports.Contains(listener.Port)).ToList();
        Assert.Equal(ports.Length, listeners.Count);
        Assert.All(listeners, listener => Assert.Equal(IPAddress.Loopback, listener.Address));
        Assert.Equal("", await ScalarAsync<string>(sandbox, "SHOW unix_socket_directories"));
    }

    [Fact]
    public async Task Its_password_is_written_nowhere()
    {
        var sandbox = await fixture.PostgresAsync(15);
        var password = SandboxFixture.PasswordOf(sandbox);
        Assert.Equal(32, password.Length);
        await using var source = NpgsqlDataSource.Create(SandboxFixture.ConnectionString(sandbox));
        // Other tests make roles with this password, in the open.
        await using var command = source.CreateCommand("SELECT count(*) FROM pg_stat_statements WHERE query LIKE '%' || $1 || '%' AND query !~ '^CREATE ROLE '");
        command.Parameters.Add(new() { Value = password });
        Assert.Equal(0L, await command.ExecuteScalarAsync(Token));
        var record = Path.Combine(TestSupport.SandboxRemains.RecordFolder, $"{sandbox.Id}.json");
        foreach (var file in Directory.EnumerateFiles(Path.Combine(sandbox.Path, "server")).Append(record))
        {
            Assert.DoesNotContain(password, await File.ReadAllTextAsync(file, Token), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Its_folders_are_closed_to_others()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The temporary folder is the user's own there.");
        var sandbox = await fixture.PostgresAsync(15);
        const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        Assert.Equal(UnixFileMode.None, ModeOf(sandbox.Path) & Others);
        foreach (var folder in Directory.EnumerateDirectories(sandbox.Path).Where(folder => Path.GetFileName(folder) != "postgresql"))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, ModeOf(folder));
        }
    }

    [Theory]
    [InlineData(15)]
    [InlineData(18)]
    public async Task Its_monitoring_role_reads_statistics_and_nothing_else(int major)
    {
        var sandbox = await fixture.PostgresAsync(major);
        Assert.Equal(
            "pg_monitor",
            await ScalarAsync<string>(
                sandbox,
                "SELECT string_agg(g.rolname, ',') FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles r ON r.oid = m.member WHERE r.rolname = 'maintenance_monitor'"));
        await using var source = NpgsqlDataSource.Create(SandboxFixture.ConnectionString(sandbox, sandbox.MonitorUsername));
        await using var reading = source.CreateCommand("SELECT count(*) FROM pg_stat_activity WHERE query IS NOT NULL");
        Assert.True((long)(await reading.ExecuteScalarAsync(Token))! > 0);
        await using var prying = source.CreateCommand("SELECT rolpassword FROM pg_authid");
        var refused = await Assert.ThrowsAsync<PostgresException>(async () => await prying.ExecuteScalarAsync(Token));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    [Fact]
    public async Task Its_target_keeps_all_it_writes_in_its_folder()
    {
        var sandbox = await fixture.PostgresAsync(15);
        var target = sandbox.Target;
        Assert.Equal("sandbox", target.Origin);
        Assert.All(
            new[] { target.BackupStore!.Path, target.ArtifactStore!.Path, target.History.Path },
            path => Assert.StartsWith(sandbox.Path + Path.DirectorySeparatorChar, path, StringComparison.Ordinal));
        Assert.NotEmpty(Directory.EnumerateFiles(target.BackupStore.Path!));
        Assert.DoesNotContain(SandboxFixture.PasswordOf(sandbox), $"{sandbox} {target} {target.Database}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Azurite_holds_the_backups_and_has_a_key_of_its_own()
    {
        var sandbox = await fixture.AzuriteAsync();
        var store = sandbox.Target.BackupStore!;
        var connectionString = new NetworkCredential("", store.ConnectionString!.ToSecureString()).Password;
        var names = new List<string>();
        await foreach (var blob in new BlobContainerClient(connectionString, store.Container).GetBlobsAsync(cancellationToken: Token))
        {
            names.Add(blob.Name);
        }

        Assert.NotEmpty(names);
        Assert.All(names, name => Assert.StartsWith("database-backups/", name, StringComparison.Ordinal));

        // The key that is in Azurite's documentation, and that any program on this machine would try first.
        var known = new BlobServiceClient(
            $"DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;BlobEndpoint={sandbox.BlobServiceUri};");
        var refused = await Assert.ThrowsAsync<RequestFailedException>(async () => await known.GetPropertiesAsync(Token));
        Assert.Equal(403, refused.Status);
    }

    [Fact]
    public async Task Two_run_side_by_side_and_stopping_one_leaves_the_other()
    {
        var first = await StartAsync();
        var second = await StartAsync();
        Assert.NotEqual(first.Port, second.Port);
        Assert.NotEqual(SandboxFixture.PasswordOf(first), SandboxFixture.PasswordOf(second));
        await StopAsync(first);
        Assert.Empty(TestSupport.SandboxRemains.Of(first.Id));
        Assert.Equal(1, await ScalarAsync<int>(second, "SELECT 1"));
        await StopAsync(second);
    }

    [Fact]
    public async Task Stopping_leaves_no_process_no_file_and_no_record()
    {
        var sandbox = await SandboxFixture.OrSkipAsync(() => StartAsync(azurite: true));
        Assert.NotEmpty(TestSupport.SandboxRemains.Of(sandbox.Id));
        Assert.Contains(fixture.Service.List(everyone: false), listed => listed.Id == sandbox.Id);
        await StopAsync(sandbox);
        Assert.Empty(TestSupport.SandboxRemains.Of(sandbox.Id));
        Assert.DoesNotContain(fixture.Service.List(everyone: true), listed => listed.Id == sandbox.Id);
        var error = await Assert.ThrowsAsync<MaintenanceException>(() => StopAsync(sandbox));
        Assert.Equal(MaintenanceErrorCode.SandboxNotFound, error.Code);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(40)]
    [InlineData(120)]
    [InlineData(250)]
    [InlineData(400)]
    [InlineData(600)]
    [InlineData(800)]
    [InlineData(1000)]
    [InlineData(1300)]
    public async Task A_cancelled_start_leaves_nothing(int milliseconds)
    {
        using var cancelling = new CancellationTokenSource();
        var name = $"cancelled-{Guid.NewGuid():N}";
        var starting = StartAsync(azurite: true, name: name, cancellationToken: cancelling.Token);
        string? id = null;
        var began = TimeProvider.System.GetTimestamp();
        while (!starting.IsCompleted && TimeProvider.System.GetElapsedTime(began).TotalMilliseconds < milliseconds)
        {
            id ??= fixture.Service.List(everyone: true).FirstOrDefault(sandbox => sandbox.Target.Name == name)?.Id;
            await Task.Delay(10, Token);
        }

        await cancelling.CancelAsync();
        began = TimeProvider.System.GetTimestamp();
        try
        {
            var sandbox = await starting;
            await StopAsync(sandbox);
            id = sandbox.Id;
        }
        catch (OperationCanceledException)
        {
            Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(10));
        }

        Assert.DoesNotContain(fixture.Service.List(everyone: true), sandbox => sandbox.Target.Name == name);
        if (id is not null)
        {
            Assert.Empty(TestSupport.SandboxRemains.Of(id));
        }
    }

    [Fact]
    public async Task A_start_that_runs_out_of_time_leaves_nothing()
    {
        var name = $"late-{Guid.NewGuid():N}";
        var error = await Assert.ThrowsAsync<MaintenanceException>(() => StartAsync(name: name, timeout: TimeSpan.FromMilliseconds(300)));
        Assert.Equal(MaintenanceErrorCode.DeadlineExceeded, error.Code);
        Assert.DoesNotContain(fixture.Service.List(everyone: true), sandbox => sandbox.Target.Name == name);
    }

    [Fact]
    public async Task A_server_that_does_not_start_is_quoted_and_leaves_nothing()
    {
        using var folder = new TemporaryFolder();
        await SandboxFixture.OrSkipAsync(() => fixture.PostgresAsync(15));
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The stand-in is a shell script.");

        // initdb works, and what it made is spoilt before the server reads it.
        var real = await PostgresInstallationOf(15);
        foreach (var program in Directory.EnumerateFiles(real))
        {
            folder.Write(Path.GetFileName(program), Path.GetFileName(program) == "initdb"
                ? $"#!/bin/sh\n'{program}' \"$@\" && while [ \"$1\" != -D ]; do shift; done && echo 'no_such_setting = 1' > \"$2/postgresql.auto.conf\"\n"
                : $"#!/bin/sh\nexec '{program}' \"$@\"\n");
        }

        var name = $"spoilt-{Guid.NewGuid():N}";
        var error = await Assert.ThrowsAsync<MaintenanceException>(() => StartAsync(name: name, postgresPath: folder.Path));
        Assert.Equal(MaintenanceErrorCode.SandboxStartFailed, error.Code);
        Assert.Contains("no_such_setting", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(fixture.Service.List(everyone: true), sandbox => sandbox.Target.Name == name);
    }

    [Fact]
    public async Task A_folder_without_PostgreSQL_is_an_error_that_names_what_is_missing()
    {
        using var folder = new TemporaryFolder();
        var error = await Assert.ThrowsAsync<MaintenanceException>(() => StartAsync(postgresPath: folder.Path));
        Assert.Equal(MaintenanceErrorCode.SandboxBinariesNotFound, error.Code);
        Assert.Contains("initdb", error.Message, StringComparison.Ordinal);
        Assert.Contains(folder.Path, error.Message, StringComparison.Ordinal);

        error = await Assert.ThrowsAsync<MaintenanceException>(() => StartAsync(postgresPath: Path.Combine(folder.Path, "nowhere")));
        Assert.Contains("does not exist", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_that_nobody_has_is_an_error_that_says_where_it_was_looked_for()
    {
        var error = await Assert.ThrowsAsync<MaintenanceException>(() => StartAsync(major: 98));
        Assert.Equal(MaintenanceErrorCode.SandboxBinariesNotFound, error.Code);
        Assert.Contains("PATH", error.Message, StringComparison.Ordinal);
        Assert.Contains("-PostgresPath", error.Recommendation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 1d)]
    [InlineData("sandbox", -1d)]
    [InlineData("sandbox", double.NaN)]
    public async Task Nonsense_is_refused(string name, double scale)
    {
        var options = new SandboxOptions { Name = name, Scale = scale, ResourcePath = SandboxFixture.ResourcePath };
        var error = await Assert.ThrowsAsync<MaintenanceException>(() => fixture.Service.StartAsync(options, Calls.Silent(), Token));
        Assert.Equal(MaintenanceErrorCode.InvalidArgument, error.Code);
    }

    [Fact]
    public async Task Clearing_away_a_leftover_spares_a_process_that_only_has_its_number()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Uses a Unix program.");
        using var bystander = Process.Start("sleep", "60");
        try
        {
            var registry = new SandboxRegistry();
            var id = SandboxRegistry.NewId();
            var record = new SandboxRecord
            {
                Id = id,
                Name = "leftover",
                Folder = SandboxRegistry.FolderOf(id),
                Machine = Environment.MachineName,
                OwnerProcessId = Environment.ProcessId,
                OwnerIdentity = "an earlier process with our number",
                Detached = true,
                PostgresBinPath = "/nowhere",
                PostgresVersion = "15.1",
                Scale = 1,
                StartedAt = TimeProvider.System.GetUtcNow(),
                ServerProcessId = bystander.Id,
                ServerIdentity = "an earlier process with its number",
            };
            Directory.CreateDirectory(Path.Combine(record.ServerFolder, "data"));
            Directory.CreateDirectory(record.AzuriteFolder);
            await File.WriteAllTextAsync(Path.Combine(record.ServerFolder, "data", "postmaster.pid"), $"{bystander.Id}\n", Token);
            await File.WriteAllTextAsync(Path.Combine(record.AzuriteFolder, "azurite.pid"), $"{bystander.Id}\n", Token);
            registry.Save(record);

            await StopAsync(await StartAsync());

            Assert.Empty(TestSupport.SandboxRemains.Of(id));
            Assert.False(bystander.HasExited);
        }
        finally
        {
            bystander.Kill();
        }
    }

    [Fact]
    public async Task The_newest_version_at_hand_that_can_be_dumped_is_chosen_and_its_own_pg_dump_or_a_later_one()
    {
        var binaries = new PostgresBinaries(new NpmTools(SandboxFixture.ResourcePath, TimeProvider.System));
        var options = new SandboxOptions { ResourcePath = SandboxFixture.ResourcePath };
        var canBeDumped = false;
        foreach (var major in new[] { 15, 18 })
        {
            var one = await SandboxFixture.OrSkipAsync(() => binaries.FindAsync(options with { PostgresVersion = major }, new RecordingSink(), Token));
            Assert.Equal(major, one.Major);
            if (await PostgresBinaries.FindDumpAsync(one, Token) is { } dump)
            {
                canBeDumped = true;
                Assert.True((await PostgresInstallation.VersionOfAsync(dump, Token))!.Major >= major);
            }
        }

        var chosen = await binaries.FindAsync(options, new RecordingSink(), Token);
        Assert.True(canBeDumped ? await PostgresBinaries.FindDumpAsync(chosen, Token) is not null : chosen.Major >= 18);
    }

    private static UnixFileMode ModeOf(string path) => OperatingSystem.IsWindows() ? UnixFileMode.None : File.GetUnixFileMode(path);

    private static async Task<string> PostgresInstallationOf(int major) =>
        (await new PostgresBinaries(new NpmTools(SandboxFixture.ResourcePath, TimeProvider.System)).FindAsync(
            new SandboxOptions { PostgresVersion = major, ResourcePath = SandboxFixture.ResourcePath }, new RecordingSink(), Token)).BinPath;

    private static async Task<T> ScalarAsync<T>(MaintenanceSandbox sandbox, string sql)
    {
        await using var source = NpgsqlDataSource.Create(SandboxFixture.ConnectionString(sandbox));
        await using var command = source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(Token))!;
    }

    private Task<MaintenanceSandbox> StartAsync(
        string name = "own", int? major = null, string? postgresPath = null, bool azurite = false, TimeSpan? timeout = null, CancellationToken? cancellationToken = null) =>
        fixture.Service.StartAsync(
            new SandboxOptions
            {
                Name = name,
                PostgresVersion = major ?? (postgresPath is null ? 15 : null),
                PostgresPath = postgresPath,
                Scale = 0,
                Azurite = azurite,
                ResourcePath = SandboxFixture.ResourcePath,
            },
            Calls.Silent(timeout),
            cancellationToken ?? Token);

    private Task StopAsync(MaintenanceSandbox sandbox) => fixture.Service.StopAsync(sandbox.Id, Calls.Silent(), CancellationToken.None);
}
