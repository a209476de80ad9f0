using System.Management.Automation;
using Microsoft.PowerShell.Commands;

namespace Maintenance.Host;

/// <summary>Out-Default as it is, with an eye on the maintenance runs that pass.</summary>
[Cmdlet(VerbsData.Out, "Default")]
internal sealed class OutDefaultWithVerdict : OutDefaultCommand
{
    /// <summary>Told of every object.</summary>
    [Parameter]
    public RunVerdict? Verdict { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        Verdict?.Consider(InputObject);
        base.ProcessRecord();
    }
}
