using System.Management.Automation;
using Microsoft.PowerShell.Commands;

namespace Maintenance.Host;

/// <summary>Out-Default as it is, with an eye on the maintenance runs that pass.</summary>
[Cmdlet(VerbsData.Out, "Default")]
internal sealed class OutDefaultWithVerdict : OutDefaultCommand
{
    private bool _ended;

    /// <summary>Told of every object.</summary>
    [Parameter]
    public RunVerdict? Verdict { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        Verdict?.Consider(InputObject);
        base.ProcessRecord();
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        _ended = true;
        base.EndProcessing();
    }

    /// <inheritdoc/>
    protected override void InternalDispose()
    {
        // An exit or an error upstream leaves out the end, and with it the table that waits for more rows.
        if (!_ended && !Stopping)
        {
            EndProcessing();
        }

        base.InternalDispose();
    }
}
