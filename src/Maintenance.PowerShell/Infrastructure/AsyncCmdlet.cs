using System.Collections.Concurrent;
using System.Management.Automation;
using System.Runtime.ExceptionServices;

namespace Maintenance.Infrastructure;

/// <summary>
/// Runs asynchronous work for a cmdlet while the pipeline's own thread serves what the work wants to write or ask.
/// </summary>
/// <remarks>
/// PowerShell allows writing and asking on the pipeline thread alone, and tells of an early stop (<c>Select-Object -First</c>,
/// <c>-ErrorAction Stop</c>) only by an exception out of such a call. Whatever the reason for the end, the work is cancelled
/// and awaited before the prompt returns: nothing runs on behind it.
/// </remarks>
public abstract class AsyncCmdlet : PSCmdlet, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private BlockingCollection<Request>? _pump;
    private int _pipelineThread;

    /// <inheritdoc/>
    protected sealed override void BeginProcessing()
    {
        try
        {
            OnBegin();
        }
        catch (FileNotFoundException exception)
        {
            // The engine is not there: nothing can be done, and it is no fault of what was typed.
            ThrowTerminatingError(ErrorRecords.Create(exception, null));
        }

        RunToEnd(BeginAsync);
    }

    /// <inheritdoc/>
    protected sealed override void ProcessRecord() => RunToEnd(ProcessAsync);

    /// <inheritdoc/>
    protected sealed override void EndProcessing() => RunToEnd(EndAsync);

    /// <inheritdoc/>
    protected sealed override void StopProcessing()
    {
        // Only asks: the pipeline thread is still in the pump, and goes on once the work has ended.
        try
        {
            _ = _stopping.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // The cmdlet had ended already.
        }
    }

    /// <summary>Runs on the pipeline thread before anything else.</summary>
    protected virtual void OnBegin()
    {
    }

    /// <summary>Runs when a piece of work has ended, however it ended, while the pipeline still listens.</summary>
    protected virtual void OnWorkEnded()
    {
    }

    /// <summary>Runs a piece of work on the thread pool; overridden to put something around it.</summary>
    /// <param name="work">The work.</param>
    /// <param name="cancellationToken">Cancelled on Ctrl+C and when the pipeline stops early.</param>
    protected virtual Task RunAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        return work(cancellationToken);
    }

    /// <summary>Work before the first input object.</summary>
    /// <param name="cancellationToken">Cancelled on Ctrl+C and when the pipeline stops early.</param>
    protected virtual Task BeginAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Work for each input object, or once if there is no pipeline input.</summary>
    /// <param name="cancellationToken">Cancelled on Ctrl+C and when the pipeline stops early.</param>
    protected virtual Task ProcessAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Work after the last input object.</summary>
    /// <param name="cancellationToken">Cancelled on Ctrl+C and when the pipeline stops early.</param>
    protected virtual Task EndAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Writes an object and waits until downstream has taken it.</summary>
    /// <param name="value">The object.</param>
    protected Task WriteObjectAsync(object? value) => OnPipelineAsync(() => { WriteObject(value); return true; });

    /// <summary>Writes a file that was made, as PowerShell itself gives files: with its mode, owner and path.</summary>
    /// <param name="path">The file, by its full path.</param>
    protected Task WriteFileAsync(string path) =>
        // The provider is named, as the session may be somewhere else than in the file system.
        OnPipelineAsync(() => { WriteObject(InvokeProvider.Item.Get([$"Microsoft.PowerShell.Core\\FileSystem::{path}"], force: true, literalPath: true), enumerateCollection: true); return true; });

    /// <summary>Writes a line to the information stream.</summary>
    /// <param name="message">The line.</param>
    protected Task WriteInformationAsync(string message) => OnPipelineAsync(() => { WriteInformation(message, [MyInvocation.MyCommand.Name]); return true; });

    /// <summary>Writes a non-terminating error.</summary>
    /// <param name="exception">What went wrong.</param>
    /// <param name="target">The pipeline item it happened to.</param>
    protected Task WriteErrorAsync(Exception exception, object? target) =>
        OnPipelineAsync(() => { WriteError(ErrorRecords.Create(WithNames(exception), target)); return true; });

    // What is piped in as text is the name of a target, and who pipes the name of a table learns of it here.
    private Exception WithNames(Exception exception)
    {
        var (table, index) = (MyInvocation.MyCommand.Parameters.ContainsKey("Table"), MyInvocation.MyCommand.Parameters.ContainsKey("Index"));
        return exception is MaintenanceException { Code: MaintenanceErrorCode.TargetNotFound } unknown && MyInvocation.ExpectingInput && (table || index)
                ? new MaintenanceException(
                    unknown.Code,
                    unknown.Message,
                    $"{unknown.Recommendation} Text in the pipeline names a target: {(table ? "a table is named with -Table" : "an index is named with -Index")}.",
                    unknown.Detail)
                : exception;
    }

    /// <summary>Asks whether to go on; the answer is false under -WhatIf.</summary>
    /// <param name="target">What would be changed.</param>
    /// <param name="action">What would be done to it.</param>
    protected Task<bool> ShouldProcessAsync(string target, string action) => OnPipelineAsync(() => ShouldProcess(target, action));

    /// <summary>
    /// Asks whether to go on with what has an impact of its own. The attribute of a cmdlet knows one for all that it does, and says the highest: what is
    /// less is asked about only where the user wants to be asked about that much.
    /// </summary>
    /// <param name="impact">What this one does.</param>
    /// <param name="target">What would be changed.</param>
    /// <param name="action">What would be done to it.</param>
    protected async Task<bool> ShouldProcessAsync(ConfirmImpact impact, string target, string action)
    {
        var asks = await OnPipelineAsync(() => MyInvocation.BoundParameters.ContainsKey("Confirm")
            || (GetVariableValue("ConfirmPreference") is { } preference && LanguagePrimitives.TryConvertTo<ConfirmImpact>(preference, out var least) && least != ConfirmImpact.None && impact >= least));
        if (asks || await IsWhatIfAsync())
        {
            return await ShouldProcessAsync(target, action);
        }

        // As ShouldProcess tells it that does not ask.
        return await OnPipelineAsync(() => { WriteVerbose($"Performing the operation \"{action}\" on target \"{target}\"."); return true; });
    }

    /// <summary>True if nothing is to be done, only shown: -WhatIf, or the preference of the session.</summary>
    protected Task<bool> IsWhatIfAsync() => OnPipelineAsync(() => MyInvocation.BoundParameters.TryGetValue("WhatIf", out var given)
        ? given is SwitchParameter { IsPresent: true }
        : LanguagePrimitives.IsTrue(GetVariableValue("WhatIfPreference")));

    /// <summary>Runs a function on the pipeline thread and waits for its result.</summary>
    /// <typeparam name="T">Type of the result.</typeparam>
    /// <param name="function">The function.</param>
    protected internal Task<T> OnPipelineAsync<T>(Func<T> function)
    {
        if (Environment.CurrentManagedThreadId == _pipelineThread)
        {
            return Task.FromResult(function());
        }

        // Continuations must not run on the pipeline thread: they would hold up the pump that they wait for.
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var request = new Request(
            () =>
            {
                try
                {
                    done.SetResult(function());
                }
                catch (Exception stopped)
                {
                    done.SetException(stopped);
                    throw;
                }
            },
            () => done.SetException(new PipelineStoppedException()));
        if (!TryPost(request))
        {
            request.Refuse();
        }

        return done.Task;
    }

    /// <summary>Runs an action on the pipeline thread some time, without waiting; dropped if the pipeline has stopped by then.</summary>
    /// <param name="action">The action.</param>
    internal void Post(Action action) => TryPost(new Request(action, () => { }));

    /// <summary>Warns, without waiting. A pipeline that is being stopped takes nothing any more; what is left behind then is told by the host itself.</summary>
    /// <param name="message">The warning.</param>
    internal void Warn(string message) => TryPost(new Request(
        () =>
        {
            if (Stopping)
            {
                Host?.UI?.WriteWarningLine(message);
            }
            else
            {
                WriteWarning(message);
            }
        },
        () => Host?.UI?.WriteWarningLine(message)));

    private bool TryPost(Request request)
    {
        try
        {
            _pump?.Add(request);
            return _pump is not null;
        }
        catch (InvalidOperationException)
        {
            // The pump is closed: the work has ended, and nobody will read what comes late.
            return false;
        }
    }

    private void RunToEnd(Func<CancellationToken, Task> body)
    {
        using var pump = new BlockingCollection<Request>();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        _pipelineThread = Environment.CurrentManagedThreadId;
        _pump = pump;
        ExceptionDispatchInfo? stopped = null;
        var work = Task.Run(async () =>
        {
            try
            {
                await RunAsync(body, ending.Token);
            }
            finally
            {
                OnWorkEnded();
                pump.CompleteAdding();
            }
        });

        foreach (var request in pump.GetConsumingEnumerable())
        {
            if (stopped is not null)
            {
                request.Refuse();
                continue;
            }

            try
            {
                request.Run();
            }
            catch (Exception exception)
            {
                stopped = ExceptionDispatchInfo.Capture(exception);
                ending.Cancel();
            }
        }

        _pump = null;
        Join(work, stopped);
    }

    // The queue ends only when the work has ended, so this does not wait; it brings out how the work ended.
    private void Join(Task work, ExceptionDispatchInfo? stopped)
    {
        try
        {
            work.GetAwaiter().GetResult();
        }
        catch (Exception exception)
        {
            stopped?.Throw();
            if (_stopping.IsCancellationRequested)
            {
                throw new PipelineStoppedException();
            }

            if (exception is PipelineStoppedException || exception is FlowControlException)
            {
                throw;
            }

            ThrowTerminatingError(ErrorRecords.Create(exception, null));
        }

        stopped?.Throw();
        if (_stopping.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases the cancellation source.</summary>
    /// <param name="disposing">True when called from <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stopping.Dispose();
        }
    }

    /// <summary>Something the work asks of the pipeline thread.</summary>
    /// <param name="Run">Does it.</param>
    /// <param name="Refuse">Answers instead, once the pipeline has stopped.</param>
    private sealed record Request(Action Run, Action Refuse);
}
