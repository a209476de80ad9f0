<#
.SYNOPSIS
    S7, Sundays at 01:00 UTC: rebuilds bloated indexes.
.DESCRIPTION
    Runs as it is in Azure Automation (PowerShell 7.6), in Azure DevOps, or from any scheduler: pwsh -File IndexOptimization.ps1
    It connects from maintenance.json ($env:MAINTENANCE_CONFIG, ./maintenance.json, ~/.config/maintenance) or from the environment.
    It changes the database, and so waits for a person: without -Approve it says what it would do, and ends with a warning.
    schedule.tasks.IndexOptimization.approval of maintenance.json approves runs to come.
    Exit codes: 0 ok, 1 warnings, 2 critical, 3 could not determine.
#>
[CmdletBinding()]
param(
    # Name of the target. Default: the file's default target, or what the environment names.
    [string] $Target,

    # You approve this run.
    [switch] $Approve,

    # Runs only if the schedule has had a time since the last run: for schedulers that start it too often.
    [switch] $WhenDue
)

$ErrorActionPreference = 'Stop'
try {
    if (-not (Get-Module Maintenance)) { Import-Module Maintenance }
    $named = $Target ? @{ Name = $Target } : @{}
    $run = Connect-MaintenanceTarget @named -SkipTest | Invoke-MaintenanceTask IndexOptimization -Approve:$Approve -WhenDue:$WhenDue -Confirm:$false
    $run
    $code = [int]$run.ExitCode
} catch {
    [Console]::Error.WriteLine("$_ $($_.ErrorDetails.RecommendedAction)")
    $code = 3
}

# Azure Automation knows no exit codes: an exception fails the job. Azure DevOps was told of warnings, and a code would fail the step.
if ($PSPrivateMetadata.JobId -and $code -ge 2) { throw "IndexOptimization ended with exit code $code." }
exit (($env:TF_BUILD -and $code -eq 1) ? 0 : $code)
