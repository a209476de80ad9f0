using System.Diagnostics;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Net;
using System.Security;
using Maintenance.Formatting;

namespace Maintenance.Infrastructure;

/// <summary>Brings what the engine tells to the streams of a cmdlet, and reads secrets from the session's vaults for it.</summary>
internal sealed class PipelineSink(AsyncCmdlet cmdlet) : IMaintenanceSink, ISecretVault, IDisposable
{
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(200);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (int Id, long LastShown)> _activities = [];

    public void Verbose(string message) => cmdlet.Post(() => cmdlet.WriteVerbose(message));

    public void Warning(string message) => cmdlet.Warn(message);

    public void Progress(ProgressUpdate progress)
    {
        int id;
        lock (_gate)
        {
            var known = _activities.TryGetValue(progress.Activity, out var activity);
            id = known ? activity.Id : _activities.Count + 1;
            if (known && !progress.Completed && Stopwatch.GetElapsedTime(activity.LastShown) < ProgressInterval)
            {
                return;
            }

            _activities[progress.Activity] = (id, Stopwatch.GetTimestamp());
        }

        cmdlet.Post(() => cmdlet.WriteProgress(ToRecord(id, progress)));
    }

    /// <summary>Shows an activity if there is no other.</summary>
    public void ProgressUnlessTold(ProgressUpdate progress)
    {
        lock (_gate)
        {
            if (_activities.Count > 0)
            {
                return;
            }
        }

        Progress(progress);
    }

    /// <summary>Ends activities that nobody ended, so that no bar stays on the screen after an error.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var (name, (id, _)) in _activities)
            {
                cmdlet.Post(() => cmdlet.WriteProgress(ToRecord(id, new ProgressUpdate(name, "Done", Completed: true))));
            }

            _activities.Clear();
        }
    }

    public async Task<SecureString> ReadAsync(string vault, string name, CancellationToken cancellationToken)
    {
        // What is thrown on the pipeline's thread stops the pipeline; a missing secret is an error of this call alone.
        var (secret, failure) = await cmdlet.OnPipelineAsync<(SecureString?, MaintenanceException?)>(() =>
        {
            try
            {
                var read = ReadFromSecretManagement(vault, name);
                HideFromAgent(read);
                return (read, null);
            }
            catch (MaintenanceException exception)
            {
                return (null, exception);
            }
        });
        return secret ?? throw failure!;
    }

    // Nothing here writes a secret; but what else the job runs may. Straight to the screen that the agent reads: a stream could be kept in a file.
    private void HideFromAgent(SecureString secret)
    {
        if (AzurePipelinesText.IsRead && Environment.GetEnvironmentVariable("AGENT_ID") is { Length: > 0 })
        {
            foreach (var line in AzurePipelinesText.Hide(new NetworkCredential("", secret).Password))
            {
                cmdlet.Host?.UI?.WriteLine(line);
            }
        }
    }

    private static SecureString ReadFromSecretManagement(string vault, string name)
    {
        var shown = vault.Length > 0 ? $"secret:{vault}/{name}" : $"secret:{name}";
        try
        {
            // Names are bound as parameters, never put into the script's text.
            var script = ScriptBlock.Create(
                "param($Name, $Vault) if ($Vault) { Get-Secret -Name $Name -Vault $Vault -ErrorAction Stop } else { Get-Secret -Name $Name -ErrorAction Stop }");
            return script.Invoke(name, vault) switch
            {
                [{ BaseObject: SecureString secure }] => secure,
                [{ BaseObject: string text }] => ToSecureString(text),
                [{ BaseObject: PSCredential credential }] => credential.Password,
                _ => throw NotFound($"The secret {shown} is not one text.", "Store it as a String or SecureString."),
            };
        }
        catch (RuntimeException exception) when (exception is not PipelineStoppedException)
        {
            var missing = exception is CommandNotFoundException || exception.InnerException is CommandNotFoundException;
            throw missing
                ? NotFound($"The secret {shown} needs the SecretManagement module, which is not installed.", "Run Install-PSResource Microsoft.PowerShell.SecretManagement and register a vault, or use env:NAME.")
                : NotFound($"The secret {shown} could not be read.", $"Check it with: Get-SecretInfo -Name '{CodeGeneration.EscapeSingleQuotedStringContent(name)}'. The vault may be locked (Unlock-SecretVault).");
        }
    }

    private static MaintenanceException NotFound(string message, string recommendation) =>
        new(MaintenanceErrorCode.SecretNotFound, message, recommendation);

    private static SecureString ToSecureString(string text)
    {
        var secure = new SecureString();
        foreach (var character in text)
        {
            secure.AppendChar(character);
        }

        secure.MakeReadOnly();
        return secure;
    }

    private static ProgressRecord ToRecord(int id, ProgressUpdate progress) =>
        new(id, progress.Activity, progress.Status.Length > 0 ? progress.Status : " ")
        {
            PercentComplete = progress.PercentComplete ?? -1,
            RecordType = progress.Completed ? ProgressRecordType.Completed : ProgressRecordType.Processing,
        };
}
