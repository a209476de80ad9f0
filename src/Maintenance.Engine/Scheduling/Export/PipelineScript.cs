using System.Globalization;

namespace Maintenance.Engine.Scheduling.Export;

/// <summary>The PowerShell that a job of a pipeline runs. The same for Azure Pipelines and for GitHub, but for two words.</summary>
internal static class PipelineScript
{
    /// <summary>After how many minutes its job is ended: its own end comes first.</summary>
    public static int Minutes(ExportedTask task) => task.Minutes + 10;

    /// <summary>What to say of tasks that may take longer than the scheduler's own machines give a job; null if there are none.</summary>
    public static string? TooLong(IReadOnlyList<ExportedTask> tasks, int hosted) => tasks.Where(task => Minutes(task) > hosted).Select(task => task.Label).ToList() is { Count: > 0 } labels
        ? string.Create(CultureInfo.InvariantCulture, $"A job on ubuntu-latest is ended after {hosted} min, and these may take longer: {string.Join(", ", labels)}.")
        : null;

    /// <summary>The script.</summary>
    /// <param name="task">What it runs.</param>
    /// <param name="asksWhetherDue">True where it is started at other times too.</param>
    /// <param name="folder">Name of the environment variable with the folder for files.</param>
    /// <param name="hasFiles">The line that tells the next step that there are files.</param>
    public static string Of(ExportedTask task, bool asksWhetherDue, string folder, string hasFiles) =>
        $$"""
        $ErrorActionPreference = 'Stop'
        if ($PSVersionTable.PSVersion -lt [version]'7.6') {
            [Console]::Error.WriteLine("The module needs PowerShell 7.6, and this machine has $($PSVersionTable.PSVersion). Install it in a step before this one, or run the job in a container that has it.")
            exit 3
        }
        # A variable that nobody has set is left as its own name.
        Get-ChildItem env: | Where-Object Value -Match '^\$\(\w+\)$' | Remove-Item
        try {
            # The module lies in the repository, or is installed on the machine.
            Import-Module ((Test-Path ./Maintenance/Maintenance.psd1) ? './Maintenance' : 'Maintenance')
            $run = {{task.Pipeline(asksWhetherDue)}}
        } catch {
            [Console]::Error.WriteLine("$_ $($_.ErrorDetails.RecommendedAction)")
            exit 3
        }
        if (-not $run) { exit 0 }
        $run
        $files = New-Item -ItemType Directory -Force (Join-Path $env:{{folder}} 'maintenance')
        $run.Artifacts.Path | Where-Object { $_ -and (Test-Path -LiteralPath $_) } | Copy-Item -Destination $files -Recurse
        {{hasFiles}}
        # A run with warnings is told as such, and is no failure of the job.
        exit ($run.ExitCode -eq 1 ? 0 : $run.ExitCode)
        """.ReplaceLineEndings("\n");
}
