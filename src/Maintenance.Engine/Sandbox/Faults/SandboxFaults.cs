using Npgsql;

namespace Maintenance.Engine.Sandbox.Faults;

/// <summary>
/// What goes wrong in a sandbox's system. Which faults there are is said by empty files in a folder, so that a program can mend one as well as
/// a function; every other second what is is made to be what is said. What ends is as though it had never been: nobody waits a quarter of an
/// hour for the errors to grow old.
/// </summary>
internal sealed class SandboxFaults(SandboxRecord record, NpgsqlDataSource database, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationTokenSource _stop = new();
    private readonly HashSet<SandboxFault> _begun = [];
    private readonly HashSet<SandboxFault> _complete = [];
    private readonly FaultyRequests _requests = new(database);
    private readonly FloodSessions _flood = new(record, database);
    private readonly FaultyStatements _statements = new(record, database);
    private Task? _going;

    /// <summary>Whether faults come back whatever is done about them.</summary>
    public bool AreStubborn { get; set; }

    /// <summary>The folder with a file for each.</summary>
    public string Folder { get; } = Path.Combine(record.Folder, "faults");

    /// <summary>The faults there are said to be.</summary>
    public IReadOnlyList<SandboxFault> Present => [.. Enum.GetValues<SandboxFault>().Where(fault => File.Exists(FileOf(fault)))];

    /// <summary>Makes these the faults, and all others go.</summary>
    public async Task SetAsync(IReadOnlyList<SandboxFault> faults, CancellationToken cancellationToken)
    {
        PrivateFiles.CreateFolder(Folder);
        foreach (var fault in Enum.GetValues<SandboxFault>().Where(fault => fault != SandboxFault.None))
        {
            if (faults.Contains(fault))
            {
                await File.WriteAllTextAsync(FileOf(fault), "", cancellationToken);
            }
            else
            {
                File.Delete(FileOf(fault));
            }
        }

        if (_going is not null || Present.Count > 0)
        {
            _going ??= Task.Run(GoOnAsync, CancellationToken.None);
            await FollowAsync(cancellationToken);
        }
    }

    /// <summary>The function optimize_performance was asked: what is slow is mended.</summary>
    /// <returns>What was done; null if nothing was slow, or nothing helps.</returns>
    public async Task<string?> OptimizedAsync(CancellationToken cancellationToken)
    {
        if (AreStubborn || !File.Exists(FileOf(SandboxFault.SlowResponses)))
        {
            return null;
        }

        File.Delete(FileOf(SandboxFault.SlowResponses));
        await FollowAsync(cancellationToken);
        return "Optimized the slow statements of checkout_api";
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_going is not null)
        {
            await _going;
        }

        await _flood.DisposeAsync();
        _turn.Dispose();
        _stop.Dispose();
    }

    private string FileOf(SandboxFault fault) => Path.Combine(Folder, fault.ToString());

    private async Task GoOnAsync()
    {
        using var timer = new PeriodicTimer(Pace, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                try
                {
                    await FollowAsync(_stop.Token);
                }
                catch (Exception exception) when (exception is NpgsqlException or IOException)
                {
                    // A server that is down or full has enough to do; the next time comes soon.
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The sandbox ends.
        }
    }

    /// <summary>Makes what is be what is said.</summary>
    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            await _requests.GoOnAsync(cancellationToken);
            foreach (var fault in Enum.GetValues<SandboxFault>().Where(fault => fault != SandboxFault.None))
            {
                if (File.Exists(FileOf(fault)))
                {
                    _begun.Add(fault);
                    if (await GoOnAsync(fault, isNew: !_complete.Contains(fault), cancellationToken))
                    {
                        _complete.Add(fault);
                    }
                }
                else if (_begun.Contains(fault))
                {
                    await EndAsync(fault, cancellationToken);
                    _begun.Remove(fault);
                    _complete.Remove(fault);
                }
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Goes on with a fault.</summary>
    /// <returns>Whether all of it is there.</returns>
    private async Task<bool> GoOnAsync(SandboxFault fault, bool isNew, CancellationToken cancellationToken)
    {
        switch (fault)
        {
            case SandboxFault.ErrorSpike:
                await _requests.FailAsync(cancellationToken);
                return true;
            case SandboxFault.SlowResponses:
                await _requests.SlowDownAsync(cancellationToken);
                if (isNew)
                {
                    await _statements.RunAsync(cancellationToken);
                }

                return true;
            case SandboxFault.ConnectionFlood when isNew || AreStubborn:
                return await _flood.OpenAsync(cancellationToken);
            case SandboxFault.ComplianceIssues when isNew || AreStubborn:
                await FaultSql.RunAsync(database, "UntickedRequests", cancellationToken);
                return true;
            default:
                return true;
        }
    }

    private Task EndAsync(SandboxFault fault, CancellationToken cancellationToken) => fault switch
    {
        SandboxFault.ErrorSpike => _requests.SucceedAsync(cancellationToken),
        SandboxFault.SlowResponses => EndSlownessAsync(cancellationToken),
        SandboxFault.ConnectionFlood => _flood.CloseAsync(cancellationToken),
        _ => FaultSql.RunAsync(database, "TickedRequests", cancellationToken),
    };

    private async Task EndSlownessAsync(CancellationToken cancellationToken)
    {
        await _requests.SpeedUpAsync(cancellationToken);
        await _statements.ForgetAsync(cancellationToken);
    }
}
