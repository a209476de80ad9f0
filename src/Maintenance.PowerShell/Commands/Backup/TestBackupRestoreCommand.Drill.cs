using System.Management.Automation;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

// The rehearsal of a whole recovery. What is documented on the class is in the other file.
public sealed partial class TestBackupRestoreCommand
{
    private const string BackupSet = "Backup";
    private const string DrillSet = "Drill";

    private readonly List<object> _drills = [];

    /// <summary>Rehearses the recovery of a whole system: the newest backup of each database is restored. Default: off.</summary>
    [Parameter(ParameterSetName = DrillSet, Mandatory = true)]
    public SwitchParameter Drill { get; set; }

    /// <summary>
    /// File for the report, as its extension says: .html, .md, .json, anything else as text. Those of several targets come into one.
    /// Default: none.
    /// </summary>
    [Parameter(ParameterSetName = DrillSet)]
    [ValidateNotNullOrEmpty]
    public string? ReportPath { get; set; }

    private async Task DrillAsync(CancellationToken cancellationToken)
    {
        var report = ReportPath is null ? null : ResolvePath(ReportPath);
        if (report is not null && _drills.Count == 0)
        {
            // Not after hours of work.
            ReportFile.Check(report, Force, ReportFormat.Auto);
        }

        foreach (var argument in Session.OrCurrent(Target is null ? null : [Target]))
        {
            try
            {
                if (!await ShouldProcessAsync(argument.Name, $"Restore the newest backup of each database into {Scratch()}, check them there, and remove them again"))
                {
                    continue;
                }

                var drill = await Engine.Drills.RunAsync(argument.Resolve(Session), Options(), Call, cancellationToken);
                _drills.Add(drill);
                if (report is not null)
                {
                    // After each, so that what was found out is kept if the next is stopped.
                    var size = await ReportFile.WriteAsync(
                        report, Engine.Reports.Render(_drills, ReportFile.FormatOf(report)), Force || _drills.Count > 1, cancellationToken);
                    drill = drill with { Artifacts = [new MaintenanceArtifact("Report", report, size)] };
                }

                await WriteObjectAsync(drill);
            }
            catch (MaintenanceException exception) when (!cancellationToken.IsCancellationRequested)
            {
                await WriteErrorAsync(exception, argument.Name);
            }
        }
    }
}
