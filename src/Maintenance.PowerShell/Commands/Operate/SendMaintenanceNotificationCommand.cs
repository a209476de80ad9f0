using System.Collections;
using System.Globalization;
using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Engine.Notify;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Sends a notification to a target's Slack or other webhook, and keeps it until it is delivered.</summary>
/// <remarks>
/// <para>Use it in scripts that have something to tell, or at the end of a pipeline: findings, healths, runs and other results of this
/// module become one message for each target, the worst first. Alerts of Test-AlertRule go to the channels of their rules (or -Channel), and
/// only what people have not been told yet is sent: nothing where there is no news.</para>
/// <para>Channels are Default, Emergency and Security. Where the one that is meant is not configured or
/// does not take the message, it goes to Default, and ChannelUsed says so.</para>
/// <para>A message is put into the outbox of the target's history before it is sent. A webhook that cannot be reached or fails leaves
/// it there (State Queued), and the next notification of this target sends it again after NextAttempt, one of its channel at once, and before
/// itself: none overtakes an older one. -Flush tries everything that waits now, but for what its webhook has asked to wait for (429).
/// A webhook that refuses it (4xx) is an error. Each attempt has the same idempotency key; a message is sent twice only if the
/// process or the history fails between the webhook's answer and its record. Without a history (history.kind None) there is no
/// outbox, and what cannot be delivered is an error.</para>
/// <para>The webhook's address is a secret and appears nowhere. Text from outside cannot mention people or channels. A request may
/// take 10 s, the whole call 30 s (TimeoutSeconds).</para>
/// <para>Privileges: none in the database, unless the history is there. It changes the outbox in the history; what was sent cannot be taken back, and
/// -DryRun shows what would be.</para>
/// </remarks>
/// <default parameter="TimeoutSeconds">30</default>
/// <example>
/// <code>Send-MaintenanceNotification 'The migration of tonight begins at 22:00 UTC.'</code>
/// <para>Tells it on the channel Default.</para>
/// </example>
/// <example>
/// <code>Get-SystemHealth | Send-MaintenanceNotification</code>
/// <para>Tells how the parts of the system are.</para>
/// </example>
/// <example>
/// <code>Get-SystemHealth | Test-AlertRule | Send-MaintenanceNotification</code>
/// <para>Tells which alert rules fire, and which are over, as far as nobody was told.</para>
/// </example>
/// <example>
/// <code>(Get-DbHealth).Findings | Send-MaintenanceNotification -Channel Emergency -DryRun | Select-Object -ExpandProperty Payload</code>
/// <para>Shows what would be sent.</para>
/// </example>
/// <example>
/// <code>Send-MaintenanceNotification -Flush</code>
/// <para>Sends what waits in the outbox, at once.</para>
/// </example>
/// <seealso cref="TestAlertRuleCommand"/>
/// <seealso cref="GetMaintenanceHistoryCommand"/>
[Cmdlet(VerbsCommunications.Send, "MaintenanceNotification", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low, DefaultParameterSetName = MessageSet)]
[OutputType(typeof(NotificationResult))]
public sealed class SendMaintenanceNotificationCommand : MaintenanceCmdlet
{
    private const string MessageSet = "Message";
    private const string ObjectSet = "Object";
    private const string FlushSet = "Flush";

    private readonly List<object> _piped = [];

    /// <summary>What to tell.</summary>
    [Parameter(ParameterSetName = MessageSet, Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Message { get; set; } = "";

    /// <summary>Results of this module to tell of, all of a target in one message.</summary>
    [Parameter(ParameterSetName = ObjectSet, Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNull]
    public PSObject? InputObject { get; set; }

    /// <summary>Title. Default: the message itself, or one made of what was piped.</summary>
    [Parameter(ParameterSetName = MessageSet)]
    [Parameter(ParameterSetName = ObjectSet)]
    [ValidateNotNullOrEmpty]
    public string? Title { get; set; }

    /// <summary>How bad it is; decides symbol and colour. Default: Ok.</summary>
    [Parameter(ParameterSetName = MessageSet)]
    public HealthStatus Severity { get; set; }

    /// <summary>Figures beside the text, shown as name and value. Default: none.</summary>
    [Parameter(ParameterSetName = MessageSet)]
    [ValidateNotNull]
    public IDictionary Field { get; set; } = new Hashtable();

    /// <summary>Channel to tell it on. Default: Default, and for alerts the channels of their rules.</summary>
    [Parameter(ParameterSetName = MessageSet)]
    [Parameter(ParameterSetName = ObjectSet)]
    [ArgumentCompleter(typeof(ChannelCompleter))]
    [ValidateNotNullOrEmpty]
    public string Channel { get; set; } = "Default";

    /// <summary>Shows what would be sent, in Payload, and sends nothing.</summary>
    [Parameter(ParameterSetName = MessageSet)]
    [Parameter(ParameterSetName = ObjectSet)]
    public SwitchParameter DryRun { get; set; }

    /// <summary>Sends what waits in the outbox now, oldest first, 20 messages at most; not what its webhook has asked to wait for.</summary>
    [Parameter(ParameterSetName = FlushSet, Mandatory = true)]
    public SwitchParameter Flush { get; set; }

    /// <summary>The maintained systems. Default: what the piped objects are about, or the one connected last.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(TargetCompleter))]
    [ValidateNotNullOrEmpty]
    public TargetArgument[]? Target { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        if (InputObject is not null)
        {
            _piped.Add(InputObject.BaseObject);
            return;
        }

        foreach (var argument in Session.OrCurrent(Target))
        {
            await TryAsync(argument, target => Flush ? FlushAsync(target, cancellationToken) : SendAsync(target, FromParameters(), cancellationToken), cancellationToken);
        }
    }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        foreach (var group in _piped.GroupBy(TargetOf, StringComparer.OrdinalIgnoreCase))
        {
            IReadOnlyList<Alert> alerts = [.. group.OfType<Alert>()];
            IReadOnlyList<object> others = [.. group.Where(item => item is not Alert)];
            foreach (var argument in Target ?? (group.Key.Length > 0 ? [new TargetArgument(group.Key)] : Session.OrCurrent(null)))
            {
                await TryAsync(argument, target => SendAsync(target, alerts, cancellationToken), cancellationToken);
                if (others.Count > 0)
                {
                    await TryAsync(argument, target => SendAsync(target, NotificationService.Compose(Channel, Title, others), cancellationToken), cancellationToken);
                }
            }
        }
    }

    private static string TargetOf(object item) => item.GetType().GetProperty("Target")?.GetValue(item) as string ?? "";

    private NotificationMessage FromParameters() => new()
    {
        Channel = Channel,
        Severity = Severity,
        Title = Title ?? Message,
        Text = Title is null ? "" : Message,
        Fields = [.. Field.Cast<DictionaryEntry>().Select(field => new NotificationField(field.Key.ToString()!, Convert.ToString(field.Value, CultureInfo.InvariantCulture) ?? ""))],
        Source = "Send-MaintenanceNotification",
    };

    private async Task TryAsync(TargetArgument argument, Func<MaintenanceTarget, Task> work, CancellationToken cancellationToken)
    {
        try
        {
            await work(argument.Resolve(Session));
        }
        catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
        {
            await WriteErrorAsync(exception, argument.Name);
        }
    }

    private async Task SendAsync(MaintenanceTarget target, NotificationMessage message, CancellationToken cancellationToken)
    {
        if (DryRun)
        {
            await WriteObjectAsync(Engine.Notifications.Preview(target, message));
        }
        else if (await ShouldProcessAsync($"{target.Name}: {Channel}", $"Send the notification '{message.Title}'"))
        {
            await WriteAsync(await Engine.Notifications.SendAsync(target, message, Call, cancellationToken));
        }
    }

    // Alerts know what is new, and which channel it goes to; nothing is told twice.
    private async Task SendAsync(MaintenanceTarget target, IReadOnlyList<Alert> alerts, CancellationToken cancellationToken)
    {
        var channel = MyInvocation.BoundParameters.ContainsKey(nameof(Channel)) ? Channel : null;
        if (alerts.Count == 0)
        {
            return;
        }

        var messages = await Engine.Alerts.PreviewAsync(target, alerts, channel, Title, Call, cancellationToken);
        if (messages.Count == 0)
        {
            Call.Sink.Verbose($"Nothing of the alerts of '{target.Name}' is new: nothing is sent but what waits in the outbox.");
        }

        if (DryRun)
        {
            foreach (var message in messages)
            {
                await WriteObjectAsync(Engine.Notifications.Preview(target, message));
            }
        }
        else if (messages.Count == 0
            ? !await IsWhatIfAsync()
            : await ShouldProcessAsync($"{target.Name}: {string.Join(", ", messages.Select(message => message.Channel))}", $"Send the notification '{string.Join("', '", messages.Select(message => message.Title))}'"))
        {
            foreach (var result in await Engine.Alerts.NotifyAsync(target, alerts, channel, Title, Call, cancellationToken))
            {
                await WriteAsync(result);
            }
        }
    }

    private async Task FlushAsync(MaintenanceTarget target, CancellationToken cancellationToken)
    {
        if (await ShouldProcessAsync(target.Name, "Send what waits in the outbox now, 20 messages at most"))
        {
            foreach (var result in await Engine.Notifications.FlushAsync(target, Call, cancellationToken))
            {
                await WriteAsync(result);
            }
        }
    }

    private async Task WriteAsync(NotificationResult result)
    {
        await WriteObjectAsync(result);
        if (result.State is NotificationState.Rejected or NotificationState.Undelivered)
        {
            await WriteErrorAsync(new MaintenanceException(result.Error ?? MaintenanceErrorCode.NotificationUndelivered, result.Message, result.Recommendation ?? ""), result.Target);
        }
    }
}
