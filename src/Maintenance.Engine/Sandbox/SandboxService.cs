using System.ComponentModel;
using System.Security.Cryptography;
using Maintenance.Engine.Database;
using Maintenance.Engine.Functions;
using Maintenance.Engine.Programs;
using Maintenance.Engine.Resilience;
using Maintenance.Engine.Sandbox.SampleHistory;
using Npgsql;

namespace Maintenance.Engine.Sandbox;

/// <summary>
/// Starts and stops sandboxes. A sandbox is a folder, a PostgreSQL and perhaps an Azurite that end with this process, unless
/// they are detached; and nothing of one is left behind, whichever way it ends.
/// </summary>
public sealed class SandboxService
{
    internal const string Activity = "Starting the sandbox";

    /// <summary>How long a start may take unless the call says otherwise: a first one may download.</summary>
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(10);

    // With less no forecast has anything to show, and nothing would say why.
    private static readonly TimeSpan ShortestHistory = TimeSpan.FromDays(7);

    private static readonly TimeSpan LongestHistory = TimeSpan.FromDays(1096);

    private readonly TimeProvider _time;
    private readonly SandboxRegistry _registry = new();

    internal SandboxService(TimeProvider time) => _time = time;

    /// <summary>Starts a sandbox, after clearing away what crashed processes left.</summary>
    /// <param name="options">How it is to be.</param>
    /// <param name="call">Where to tell what is happening, and how long it may take (default 10 minutes).</param>
    /// <param name="cancellationToken">Ends the start; nothing is left of it then.</param>
    /// <exception cref="MaintenanceException">InvalidArgument, SandboxBinariesNotFound, SandboxStartFailed, DeadlineExceeded.</exception>
    public async Task<MaintenanceSandbox> StartAsync(SandboxOptions options, CallContext call, CancellationToken cancellationToken)
    {
        Validate(options);
        using var deadline = new Deadline(call.Timeout ?? DefaultTimeout, _time, cancellationToken);
        return await deadline.RunAsync("The start of the sandbox", token => StartWithinAsync(options, call.Sink, token));
    }

    /// <summary>The running sandboxes of this user on this machine.</summary>
    /// <param name="everyone">True for those of all processes; false for those of this process, and those that nobody will end any more.</param>
    public IReadOnlyList<MaintenanceSandbox> List(bool everyone) =>
        [.. _registry.List().Where(record => !record.Scratch).Where(record => everyone || IsOwn(record) || record.IsAbandoned).Select(record => record.ToSandbox())];

    /// <summary>One sandbox.</summary>
    /// <param name="id">Its id.</param>
    /// <exception cref="MaintenanceException">SandboxNotFound.</exception>
    public MaintenanceSandbox Get(string id) => Find(id).ToSandbox();

    /// <summary>The target of a detached sandbox, for another process to connect.</summary>
    /// <param name="id">Its id.</param>
    /// <exception cref="MaintenanceException">SandboxNotFound; InvalidArgument for one that is not detached.</exception>
    public MaintenanceTarget GetTarget(string id)
    {
        var record = Find(id);
        return record.Password is not null ? record.ToSandbox().Target : throw new MaintenanceException(
            MaintenanceErrorCode.InvalidArgument,
            $"The sandbox '{id}' is not detached: only the process that started it ({record.OwnerProcessId}) has its password.",
            "Use the object that Start-MaintenanceSandbox has returned there, or start one with -Detached.");
    }

    /// <summary>Changes what goes wrong in a sandbox of this process.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="changes">What is to become different.</param>
    /// <param name="cancellationToken">Ends the work; the faults may then be there in part.</param>
    /// <exception cref="MaintenanceException">SandboxNotFound; InvalidArgument for one of another process, or a detached one.</exception>
    public async Task ChangeAsync(string id, SandboxChanges changes, CancellationToken cancellationToken)
    {
        Validate(changes.FunctionLatency ?? TimeSpan.Zero, changes.FaultyFunctions ?? []);
        var services = SandboxServices.Of(Find(id).Id) ?? throw new MaintenanceException(
            MaintenanceErrorCode.InvalidArgument,
            $"The faults of the sandbox '{id}' cannot be changed from here: its functions and webhooks live in the process that started it, and a detached one has none.",
            "Change them in the session that started it.");
        services.Functions.Fault = changes.FunctionFault ?? services.Functions.Fault;
        services.Functions.FaultyFunctions = changes.FaultyFunctions ?? services.Functions.FaultyFunctions;
        services.Functions.Latency = changes.FunctionLatency ?? services.Functions.Latency;
        services.Notifications.Fault = changes.NotificationFault ?? services.Notifications.Fault;
        services.Faults.AreStubborn = changes.StubbornFaults ?? services.Faults.AreStubborn;
        if (changes.Faults is not { } faults)
        {
            return;
        }

        try
        {
            await services.Faults.SetAsync(faults, cancellationToken);
        }
        catch (Exception exception)
        {
            throw Translate(exception, Find(id), cancellationToken);
        }
    }

    /// <summary>Stops a sandbox, whichever process started it, and removes all of it.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="call">Told if something could not be removed.</param>
    /// <param name="cancellationToken">Looked at before the sandbox is touched; what has begun is finished.</param>
    /// <exception cref="MaintenanceException">SandboxNotFound.</exception>
    public async Task StopAsync(string id, CallContext call, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await ClearAsync(Find(id), call.Sink);
    }

    private static void Validate(SandboxOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.Name))
        {
            throw new MaintenanceException(MaintenanceErrorCode.InvalidArgument, "A sandbox needs a name.", "Give one with -Name, or leave it out for 'sandbox'.");
        }

        if (!double.IsFinite(options.Scale) || options.Scale < 0)
        {
            throw new MaintenanceException(MaintenanceErrorCode.InvalidArgument, $"{options.Scale} is no scale.", "Use 0 for the schema alone, 1 for some ten thousand rows, or more.");
        }

        if (options.Workload && options.Scale == 0)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.InvalidArgument, "The slow workload needs data, and scale 0 is the schema alone.", "Leave out the scale, or the workload.");
        }

        if (options.History != TimeSpan.Zero && (options.History < ShortestHistory || options.History > LongestHistory))
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.InvalidArgument, $"A sandbox can be given a history of {ShortestHistory.TotalDays:0} to {LongestHistory.TotalDays:0} days: forecasts need a week.", "Give it as 180d or the like.");
        }

        if (options.Detached && (options.FunctionFault != FunctionFault.None || options.NotificationFault != NotificationFault.None || options.FunctionLatency > TimeSpan.Zero || options.Faults.Any(fault => fault != SandboxFault.None)))
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.InvalidArgument,
                "A detached sandbox has no functions and no webhooks: they live in the process that starts it.",
                "Leave out -Detached, or the faults and the latency.");
        }

        Validate(options.FunctionLatency, options.FaultyFunctions);
    }

    private static void Validate(TimeSpan latency, IReadOnlyList<string> functions)
    {
        if (latency < TimeSpan.Zero || latency > TimeSpan.FromMinutes(10))
        {
            throw new MaintenanceException(MaintenanceErrorCode.InvalidArgument, "The latency must be between nothing and ten minutes.", "Give it as 300ms, 2s or the like.");
        }

        foreach (var function in functions.Where(name => !FunctionCatalogue.Functions.Contains(name, StringComparer.OrdinalIgnoreCase)))
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.InvalidArgument, $"The sandbox has no function '{function}'.", $"It has {string.Join(", ", FunctionCatalogue.Functions)}.");
        }
    }

    private static bool IsOwn(SandboxRecord record) =>
        record.OwnerProcessId == Environment.ProcessId && ProcessIdentity.Runs(record.OwnerProcessId, record.OwnerIdentity);

    private SandboxRecord Find(string id) =>
        _registry.List().FirstOrDefault(record => record.Id.Equals(id, StringComparison.OrdinalIgnoreCase))
        ?? throw new MaintenanceException(
            MaintenanceErrorCode.SandboxNotFound,
            $"No sandbox with the id '{id}' is running.",
            "Its id is in the output of Start-MaintenanceSandbox. Stop-MaintenanceSandbox -All stops all of yours.");

    private async Task<MaintenanceSandbox> StartWithinAsync(SandboxOptions options, IMaintenanceSink sink, CancellationToken cancellationToken)
    {
        sink.Progress(new ProgressUpdate(Activity, "Looking for PostgreSQL", 0));
        foreach (var leftover in _registry.List().Where(record => record.IsAbandoned))
        {
            sink.Verbose($"Removing sandbox {leftover.Id}, which process {leftover.OwnerProcessId} left behind.");
            await ClearAsync(leftover, sink);
        }

        var npm = new NpmTools(options.ResourcePath, _time);
        var account = await ServerAccount.ChooseAsync(cancellationToken);
        var installation = await new PostgresBinaries(npm).FindAsync(options, sink, cancellationToken);
        var azurite = options.Azurite ? await AzuriteServer.FindAsync(npm, options.ResourcePath, sink, cancellationToken) : null;
        sink.Verbose($"Using PostgreSQL {installation.Version} in {installation.BinPath}.");

        var record = NewRecord(options, installation);
        try
        {
            // The watcher first: whatever is written from now on, somebody clears it away.
            SandboxWatcher.Watch(record, _registry.FileOf(record.Id));
            _registry.Save(record);
            return await FillAsync(record, options, installation, account, azurite, sink, cancellationToken);
        }
        catch (Exception exception)
        {
            await ClearAsync(record, sink);
            throw Translate(exception, record, cancellationToken);
        }
        finally
        {
            sink.Progress(new ProgressUpdate(Activity, "Done", 100, Completed: true));
        }
    }

    private async Task<MaintenanceSandbox> FillAsync(
        SandboxRecord record,
        SandboxOptions options,
        PostgresInstallation installation,
        ServerAccount account,
        string? azuriteScript,
        IMaintenanceSink sink,
        CancellationToken cancellationToken)
    {
        CreateFolder(record.Folder, account);
        var password = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var server = new PostgresServer(installation, account, record);
        sink.Progress(new ProgressUpdate(Activity, $"Making a PostgreSQL {installation.Version} cluster", 10));
        await server.InitializeAsync(password, cancellationToken);
        sink.Progress(new ProgressUpdate(Activity, "Starting PostgreSQL", 25));
        var (port, processId) = await server.StartAsync(cancellationToken);
        record = record with { Port = port, ServerProcessId = processId, ServerIdentity = ProcessIdentity.Of(processId), Password = password };
        if (azuriteScript is not null)
        {
            sink.Progress(new ProgressUpdate(Activity, "Starting Azurite", 35));
            var key = AzuriteServer.NewKey();
            record = record with { BlobKey = key, BlobPort = await new AzuriteServer(azuriteScript, record, _time).StartAsync(key, cancellationToken) };
        }

        await using var administrator = PostgresServer.Connect(port, password);
        await PostgresServer.PrepareAsync(administrator, cancellationToken);
        sink.Progress(new ProgressUpdate(Activity, "Loading the sample data", 45));
        await SampleDatabase.LoadAsync(administrator, options.ResourcePath, options.Scale, options.Seed, options.Workload, sink, cancellationToken);
        sink.Progress(new ProgressUpdate(Activity, "Writing the sample backups", 85));
        await SampleBackups.WriteAsync(
            administrator,
            password,
            await PostgresBinaries.FindDumpAsync(installation, cancellationToken),
            options.ResourcePath,
            await StoreAsync(record, cancellationToken),
            _time,
            sink,
            cancellationToken);

        if (options.History > TimeSpan.Zero)
        {
            sink.Progress(new ProgressUpdate(Activity, "Writing the sample history", 92));
            await SampleHistoryWriter.WriteAsync(record, options.History, options.Seed, administrator, _time, cancellationToken);
        }

        if (!record.Detached)
        {
            sink.Progress(new ProgressUpdate(Activity, "Starting the functions and the webhooks", 95));
            var services = SandboxServices.Start(record, options, _time);
            await services.Faults.SetAsync(options.Faults, cancellationToken);
        }

        record = record with { StartedAt = _time.GetUtcNow() };
        _registry.Save(record.Detached ? record : record with { Password = null, BlobKey = null });
        if (record.Detached)
        {
            await SandboxWatcher.LetGoAsync(record.Id);
        }

        sink.Verbose($"The sandbox {record.Id} is ready: PostgreSQL {installation.Version} on {PostgresServer.Host}:{port}, files in {record.Folder}.");
        return record.ToSandbox();
    }

    private static Task<Func<string, Stream, DateTimeOffset, CancellationToken, Task>> StoreAsync(SandboxRecord record, CancellationToken cancellationToken) =>
        record.BlobPort is { } port
            ? SandboxStore.InAzuriteAsync(AzuriteServer.ConnectionString(port, record.BlobKey!), cancellationToken)
            : Task.FromResult(SandboxStore.InFolder(Path.Combine(record.Folder, "backups")));

    private static SandboxRecord NewRecord(SandboxOptions options, PostgresInstallation installation)
    {
        var id = SandboxRegistry.NewId();
        return new SandboxRecord
        {
            Id = id,
            Name = options.Name,
            Folder = SandboxRegistry.FolderOf(id),
            Machine = Environment.MachineName,
            OwnerProcessId = Environment.ProcessId,
            OwnerIdentity = ProcessIdentity.Of(Environment.ProcessId),
            Detached = options.Detached,
            PostgresBinPath = installation.BinPath,
            PostgresVersion = installation.Version.ToString(),
            Scale = options.Scale,
            Workload = options.Workload,
        };
    }

    private static void CreateFolder(string folder, ServerAccount account)
    {
        PrivateFiles.CreateFolder(folder);
        PrivateFiles.CreateFolder(Path.Combine(folder, "artifacts"));
        if (account.IsOther && !OperatingSystem.IsWindows())
        {
            // The server's account passes through to its own folder, and sees nothing on the way.
            File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }
    }

    private async Task ClearAsync(SandboxRecord record, IMaintenanceSink sink)
    {
        await SandboxServices.StopAsync(record.Id);
        if (!await SandboxWatcher.ClearAsync(record, _registry.FileOf(record.Id)))
        {
            sink.Warning($"The sandbox {record.Id} could not be removed entirely: {record.Folder} is still there. The next Start-MaintenanceSandbox tries again.");
        }
    }

    private static Exception Translate(Exception exception, SandboxRecord record, CancellationToken cancellationToken) => exception switch
    {
        MaintenanceException => exception,
        _ when cancellationToken.IsCancellationRequested => new OperationCanceledException("The work on the sandbox was cancelled.", exception, cancellationToken),
        NpgsqlException => PostgresErrors.Translate(exception, record.ToSandbox().Target, cancellationToken),
        IOException or UnauthorizedAccessException or Win32Exception or Azure.RequestFailedException => new MaintenanceException(
            MaintenanceErrorCode.SandboxStartFailed,
            $"The sandbox could not be set up: {exception.Message}",
            $"Check that there is space in {Path.GetTempPath()} and that it may be written to."),
        _ => exception,
    };
}
