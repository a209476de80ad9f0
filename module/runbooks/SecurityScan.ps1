<#
.SYNOPSIS
    S5, daily at 03:00 UTC: looks for what is new in catalogue, row security, dependencies and source code.
.DESCRIPTION
    Runs as it is in Azure Automation (PowerShell 7.6), in Azure DevOps, or from any scheduler: pwsh -File SecurityScan.ps1
    It connects from maintenance.json ($env:MAINTENANCE_CONFIG, ./maintenance.json, ~/.config/maintenance) or from the environment.
    Exit codes: 0 ok, 1 warnings, 2 critical, 3 could not determine.
#>
[CmdletBinding()]
param(
    # Name of the target. Default: the file's default target, or what the environment names.
    [string] $Target,

    # Runs only if the schedule has had a time since the last run: for schedulers that start it too often.
    [switch] $WhenDue
)

$ErrorActionPreference = 'Stop'
try {
    if (-not (Get-Module Maintenance)) { Import-Module Maintenance }
    $named = $Target ? @{ Name = $Target } : @{}
    $run = Connect-MaintenanceTarget @named -SkipTest | Invoke-MaintenanceTask SecurityScan -WhenDue:$WhenDue -Confirm:$false
    $run
    $code = [int]$run.ExitCode
} catch {
    [Console]::Error.WriteLine("$_ $($_.ErrorDetails.RecommendedAction)")
    $code = 3
}

# Azure Automation knows no exit codes: an exception fails the job. Azure DevOps was told of warnings, and a code would fail the step.
if ($PSPrivateMetadata.JobId -and $code -ge 2) { throw "SecurityScan ended with exit code $code." }
exit (($env:TF_BUILD -and $code -eq 1) ? 0 : $code)
