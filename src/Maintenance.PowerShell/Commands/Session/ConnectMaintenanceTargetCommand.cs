using System.Management.Automation;
using System.Security;
using Maintenance.Completion;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Connects the session to one or more maintained systems.</summary>
/// <remarks>
/// <para>Use it once at the start of a session or script; other cmdlets then work on the target connected last, or on those named with -Target.</para>
/// <para>A target is described by parameters, a configuration file and the environment. Each setting is taken on its own from the first of the three that has it. The file is the one named by -Path, else by $env:MAINTENANCE_CONFIG, else ./maintenance.json, else ~/.config/maintenance/maintenance.json; -Verbose says which. With -HostName or -ConnectionString, and neither -Name nor -Path, no file is read.</para>
/// <para>Secrets are referred to (env:NAME, secret:Vault/Name) or given as PSCredential and SecureString. They are looked up when they are used and never shown.</para>
/// <para>If the database cannot be reached, that is an error, and the target is not connected. Only a server that has no connection left is a warning: whoever is to find out why must get in.</para>
/// <para>In a schedule connect with -SkipTest: then the tasks run whatever state the server is in, and tell people of it. Without it nothing runs, and nobody is told, just when the server is down.</para>
/// <para>Privileges: CONNECT on the database. It changes nothing on the server, where one session is opened to prove that the database can be reached;
/// the target belongs to this session alone.</para>
/// </remarks>
/// <default parameter="TimeoutSeconds">30 for each target</default>
/// <example>
/// <code>Connect-MaintenanceTarget production</code>
/// <para>Connects the target 'production' of the configuration file.</para>
/// </example>
/// <example>
/// <code>Connect-MaintenanceTarget -HostName db.example.org -Database app -Credential (Get-Credential) -SslMode VerifyFull</code>
/// <para>Connects to a database without a configuration file. The target is called 'default'; -Name gives it another name.</para>
/// </example>
/// <example>
/// <code>Connect-MaintenanceTarget -All | Invoke-MaintenanceTask Daily</code>
/// <para>Connects every target of the file and runs the daily task on each.</para>
/// </example>
/// <example>
/// <code>
/// $sandbox = Start-MaintenanceSandbox -Detached
/// Connect-MaintenanceTarget -Sandbox $sandbox.Id
/// $sandbox | Stop-MaintenanceSandbox
/// </code>
/// <para>Starts a sandbox that outlives this session, connects to it by its id, as any other session may, and removes it.</para>
/// </example>
/// <example>
/// <code>Connect-MaintenanceTarget production -SkipTest | Invoke-MaintenanceTask HealthMonitoring</code>
/// <para>As a schedule does: if the server is down, the task says so and tells people, instead of not beginning.</para>
/// </example>
/// <example>
/// <code>$env:PGHOST = 'localhost'; $env:PGUSER = 'monitor'; Connect-MaintenanceTarget</code>
/// <para>Connects to what the environment names, as psql would, where there is no configuration file.</para>
/// </example>
/// <seealso cref="NewMaintenanceConfigurationCommand"/>
/// <seealso cref="TestMaintenanceConfigurationCommand"/>
/// <seealso cref="GetMaintenanceTargetCommand"/>
[Cmdlet(VerbsCommunications.Connect, "MaintenanceTarget", DefaultParameterSetName = OneSet)]
[OutputType(typeof(MaintenanceTarget))]
public sealed class ConnectMaintenanceTargetCommand : MaintenanceCmdlet
{
    private const string OneSet = "Target";
    private const string AllSet = "All";
    private const string SandboxSet = "Sandbox";

    /// <summary>Names of targets of the configuration file; with -HostName or -ConnectionString, the name to give. Default: the file's default target.</summary>
    [Parameter(Position = 0, ParameterSetName = OneSet, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(MaintenanceTargetNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>The configuration file. Default: $env:MAINTENANCE_CONFIG, ./maintenance.json, ~/.config/maintenance/maintenance.json.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>Connects every target of the configuration file.</summary>
    [Parameter(Mandatory = true, ParameterSetName = AllSet)]
    public SwitchParameter All { get; set; }

    /// <summary>Host name or address of the database server, or folder of its Unix socket. Default: localhost.</summary>
    [Parameter(ParameterSetName = OneSet)]
    [ValidateNotNullOrEmpty]
    public string? HostName { get; set; }

    /// <summary>Port of the database server. Default: 5432.</summary>
    [Parameter(ParameterSetName = OneSet)]
    [ValidateRange(1, 65535)]
    public int? Port { get; set; }

    /// <summary>Name of the database. Default: postgres.</summary>
    [Parameter(ParameterSetName = OneSet)]
    [ValidateNotNullOrEmpty]
    public string? Database { get; set; }

    /// <summary>Role and password to connect with. Default: the role postgres, with the password of the password file or none.</summary>
    [Parameter(ParameterSetName = OneSet)]
    [ValidateNotNull]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <summary>A whole connection string or postgres:// address. Replaces the single settings. Default: the single settings.</summary>
    [Parameter(ParameterSetName = OneSet)]
    [ValidateNotNull]
    public SecureString? ConnectionString { get; set; }

    /// <summary>How strictly the connection is encrypted. Default: Prefer.</summary>
    [Parameter(ParameterSetName = OneSet)]
    public DatabaseSslMode? SslMode { get; set; }

    /// <summary>File with the certificate of the authority to trust, for VerifyCA and VerifyFull. Default: those that the system trusts.</summary>
    [Parameter(ParameterSetName = OneSet)]
    [ValidateNotNullOrEmpty]
    public string? RootCertificate { get; set; }

    /// <summary>Folder that backups are in. Default: that of the configuration or the environment, or none.</summary>
    [Parameter(ParameterSetName = OneSet)]
    [ValidateNotNullOrEmpty]
    public string? BackupPath { get; set; }

    /// <summary>Name of the Azure storage account that backups are in. Default: that of the configuration or the environment, or none.</summary>
    [Parameter(ParameterSetName = OneSet)]
    [ValidateNotNullOrEmpty]
    public string? BackupAccountName { get; set; }

    /// <summary>Container of the storage account that backups are in. Default: disaster-recovery.</summary>
    [Parameter(ParameterSetName = OneSet)]
    [ValidateNotNullOrEmpty]
    public string? BackupContainer { get; set; }

    /// <summary>SQLite file that the history is kept in. Default: the user's own.</summary>
    [Parameter(ParameterSetName = OneSet)]
    [ValidateNotNullOrEmpty]
    public string? HistoryPath { get; set; }

    /// <summary>Id of a sandbox that another process has started with -Detached.</summary>
    [Parameter(Mandatory = true, ParameterSetName = SandboxSet)]
    [ArgumentCompleter(typeof(SandboxCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Sandbox { get; set; }

    /// <summary>Takes the settings as they are, without proving that the database can be reached.</summary>
    [Parameter]
    public SwitchParameter SkipTest { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        if (Sandbox is not null)
        {
            await ConnectAsync(Engine.Sandboxes.GetTarget(Sandbox), cancellationToken);
            return;
        }

        var request = await OnPipelineAsync(CreateRequest);
        foreach (var name in Name ?? [null!])
        {
            try
            {
                foreach (var target in await Engine.Configuration.ResolveAsync(request with { Name = name }, Call, cancellationToken))
                {
                    await ConnectAsync(target, cancellationToken);
                }
            }
            catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
            {
                await TellPipelineAsync(name ?? "maintenance", exception);
                if (Name is not { Length: > 1 })
                {
                    throw;
                }

                await WriteErrorAsync(exception, name);
            }
        }
    }

    private async Task ConnectAsync(MaintenanceTarget target, CancellationToken cancellationToken)
    {
        try
        {
            if (!SkipTest)
            {
                await Engine.Configuration.ConnectAsync(target, Call, cancellationToken);
            }
        }
        catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
        {
            await TellPipelineAsync(target.Name, exception);
            await WriteErrorAsync(exception, target.Name);
            return;
        }

        Session.Connect(target);
        await WriteObjectAsync(target);
    }

    private TargetRequest CreateRequest() => new()
    {
        Path = Path is null ? null : ResolvePath(Path),
        CurrentFolder = SessionState.Path.CurrentFileSystemLocation.ProviderPath,
        All = All,
        Parameters = new PartialTarget
        {
            Database = NothingSaid(new PartialDatabase
            {
                Host = HostName,
                Port = Port,
                Database = Database,
                Username = Credential?.UserName,
                Password = Credential is { Password: var password } ? SecretReference.FromSecureString(password) : null,
                ConnectionString = ConnectionString is null ? null : SecretReference.FromSecureString(ConnectionString),
                SslMode = SslMode,
                RootCertificate = RootCertificate is null ? null : ResolvePath(RootCertificate),
            }),
            BackupStore = NothingSaid(new PartialStore
            {
                Path = BackupPath is null ? null : ResolvePath(BackupPath),
                AccountName = BackupAccountName,
                Container = BackupContainer,
            }),
            History = HistoryPath is null ? null : new HistorySettings { Path = ResolvePath(HistoryPath) },
        },
    };

    private static T? NothingSaid<T>(T settings)
        where T : class, new() => settings.Equals(new T()) ? null : settings;
}
