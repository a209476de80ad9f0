using System.Management.Automation;
using Maintenance.Engine;
using Maintenance.Formatting;

namespace Maintenance.Infrastructure;

/// <summary>What all cmdlets of the module share: the session, the engine, and a sink on their streams.</summary>
public abstract class MaintenanceCmdlet : AsyncCmdlet
{
    /// <summary>Work that takes longer shows that it goes on.</summary>
    private static readonly TimeSpan ProgressAfter = TimeSpan.FromSeconds(1);

    private PipelineSink? _sink;
    private string _name = "";
    private MaintenanceSession? _session;

    /// <summary>How long the whole call may take, in seconds. Default: no limit.</summary>
    [Parameter]
    [ValidateRange(1, 604800)]
    public int TimeoutSeconds { get; set; }

    /// <summary>The session of this runspace.</summary>
    internal MaintenanceSession Session => _session ?? throw new InvalidOperationException("The session is there once the cmdlet has begun.");

    /// <summary>The engine of this runspace.</summary>
    internal MaintenanceEngine Engine => Session.Engine;

    /// <summary>What a call into the engine brings along.</summary>
    internal CallContext Call { get; private set; } = null!;

    /// <summary>The folder of this module.</summary>
    internal static string ModulePath => Path.GetDirectoryName(typeof(MaintenanceCmdlet).Assembly.Location)!;

    /// <inheritdoc/>
    protected override void OnBegin()
    {
        // Found on the pipeline thread, the only one that knows the runspace.
        _session = MaintenanceSession.Get();
        _name = MyInvocation.MyCommand.Name;
        _sink = new PipelineSink(this);
        Call = new CallContext(_sink, _sink, TimeoutSeconds > 0 ? TimeSpan.FromSeconds(TimeoutSeconds) : null);
    }

    /// <inheritdoc/>
    protected override async Task RunAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        var running = work(cancellationToken);
        if (await Task.WhenAny(running, Task.Delay(ProgressAfter, CancellationToken.None)) != running)
        {
            // What the engine tells of its own progress comes beside this, and says more.
            _sink!.ProgressUnlessTold(new ProgressUpdate(_name, "Working"));
        }

        await running;
    }

    /// <inheritdoc/>
    protected override void OnWorkEnded() => _sink?.Dispose();

    /// <summary>Does something with a finished report, if the user wants it. What goes wrong is an error of its own: the report is not lost by it.</summary>
    /// <typeparam name="T">Type of the report.</typeparam>
    /// <param name="target">Whose report it is.</param>
    /// <param name="report">The report.</param>
    /// <param name="where">Where it goes, for the question.</param>
    /// <param name="what">What is done, for the question.</param>
    /// <param name="work">Does it, and gives the report with what came of it.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    internal async Task<T> TryWithAsync<T>(MaintenanceTarget target, T report, string where, string what, Func<Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await ShouldProcessAsync(where, what) ? await work() : report;
        }
        catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
        {
            await WriteErrorAsync(exception, target.Name);
            return report;
        }
    }

    /// <summary>Tells of a message that did not arrive.</summary>
    /// <param name="target">Whose message it was.</param>
    /// <param name="notification">What became of it; null if none was sent.</param>
    internal async Task WriteLostAsync(MaintenanceTarget target, NotificationResult? notification)
    {
        if (notification is { State: NotificationState.Rejected or NotificationState.Undelivered } lost)
        {
            await WriteErrorAsync(new MaintenanceException(lost.Error ?? MaintenanceErrorCode.NotificationUndelivered, lost.Message, lost.Recommendation ?? ""), target.Name);
        }
    }

    /// <summary>Tells the build agent or runner that this runs on, if there is one, what went wrong with a target. It is told at once: an error may wait, or be silenced.</summary>
    /// <param name="target">Name of the target.</param>
    /// <param name="problem">What went wrong.</param>
    internal Task<bool> TellPipelineAsync(string target, MaintenanceException problem) => TellPipelineAsync(
    [
        .. AzurePipelinesText.IsRead ? AzurePipelinesText.Of(target, problem) : [],
        .. GitHubActionsText.IsRead ? GitHubActionsText.Of(target, problem) : [],
    ]);

    /// <summary>Writes commands of a build agent or runner, as Write-Host does: shown whatever the preference, and out of the pipeline's way.</summary>
    /// <param name="lines">The commands.</param>
    internal Task<bool> TellPipelineAsync(IReadOnlyList<string> lines) => OnPipelineAsync(() =>
    {
        foreach (var line in lines)
        {
            WriteInformation(new HostInformationMessage { Message = line }, ["PSHOST"]);
        }

        return true;
    });

    /// <summary>A path as the user wrote it, as the file system knows it.</summary>
    /// <param name="path">The path; need not exist.</param>
    internal string ResolvePath(string path) => SessionState.Path.GetUnresolvedProviderPathFromPSPath(path);
}
