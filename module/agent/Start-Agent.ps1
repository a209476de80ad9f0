<#
.SYNOPSIS
Connects every target of the configuration and runs their schedules, as the systemd unit and the container begin it.
.DESCRIPTION
Settings come from the environment: MAINTENANCE_CONFIG (the configuration file), and
MAINTENANCE_AGENT_JOBSTORE, MAINTENANCE_AGENT_CLUSTER, MAINTENANCE_AGENT_PORT, MAINTENANCE_AGENT_THROTTLE and
MAINTENANCE_AGENT_DRAIN, which are -JobStore, -Cluster, -Port, -ThrottleLimit and -DrainTimeout of Start-MaintenanceAgent.
What is not set, or empty, is as that cmdlet has it.
#>
param(
    # The port on the loopback address. Default: $env:MAINTENANCE_AGENT_PORT, and none where that is empty.
    [string] $Port = $env:MAINTENANCE_AGENT_PORT
)

$ErrorActionPreference = 'Stop'
if ([IO.File]::Exists("$PSScriptRoot/../Maintenance.psd1")) { Import-Module "$PSScriptRoot/../Maintenance.psd1" } else { Import-Module Maintenance }

$settings = @{ InformationAction = 'Continue' }
if ($env:MAINTENANCE_AGENT_JOBSTORE) { $settings.JobStore = $env:MAINTENANCE_AGENT_JOBSTORE }
if ($env:MAINTENANCE_AGENT_CLUSTER) { $settings.Cluster = $env:MAINTENANCE_AGENT_CLUSTER }
if ($Port) { $settings.Port = [int]$Port }
if ($env:MAINTENANCE_AGENT_THROTTLE) { $settings.ThrottleLimit = [int]$env:MAINTENANCE_AGENT_THROTTLE }
if ($env:MAINTENANCE_AGENT_DRAIN) { $settings.DrainTimeout = $env:MAINTENANCE_AGENT_DRAIN }
if (-not $settings.JobStore) { [Console]::Error.WriteLine('MAINTENANCE_AGENT_JOBSTORE is empty, so this agent shares its work with nobody: another one would run everything too.') }

# A database that is down now must not keep the others from being maintained.
Connect-MaintenanceTarget -All -SkipTest | Start-MaintenanceAgent @settings
