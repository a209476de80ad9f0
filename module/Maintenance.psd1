@{
    RootModule = 'Maintenance.PowerShell.dll'
    # The build puts the version of Directory.Build.props here.
    ModuleVersion = '0.0.0'
    GUID = 'b1f5d0a8-6a0e-4c8e-9d3b-3f1f6c0d7e52'
    Author = 'The Maintenance authors'
    CompanyName = 'The Maintenance authors'
    Copyright = '(c) The Maintenance authors. MIT licence.'
    Description = 'Keeps a PostgreSQL or Supabase system healthy: health checks, maintenance, backup verification, audits, trends, alerts and repairs, as cmdlets that compose in pipelines.'
    PowerShellVersion = '7.6'
    CompatiblePSEditions = @('Core')

    # Loaded with the module, so that [Maintenance.MaintenanceRun] resolves right after the import.
    RequiredAssemblies = @('Maintenance.Contracts.dll')
    FormatsToProcess = @('Maintenance.Format.ps1xml')

    CmdletsToExport = @(
        # Session
        'Connect-MaintenanceTarget'
        'Disconnect-MaintenanceTarget'
        'Get-MaintenanceTarget'
        'New-MaintenanceConfiguration'
        'Test-MaintenanceConfiguration'
        'Set-MaintenanceSandbox'
        'Start-MaintenanceSandbox'
        'Stop-MaintenanceSandbox'
        # Functions
        'Invoke-EdgeFunction'
        'Test-EdgeFunction'
        # Health
        'Get-DbHealth'
        'Get-SystemHealth'
        # Inspect
        'Get-DbBloat'
        'Get-DbIndexAdvice'
        'Get-DbReplication'
        'Get-DbSession'
        'Get-DbWraparound'
        # Maintain
        'Invoke-DbMaintenance'
        'Invoke-DbReindex'
        'Invoke-DbRetention'
        'Invoke-DbVacuum'
        'Restore-DbArchive'
        'Stop-DbSession'
        # Analytics
        'Get-ErrorAnalytics'
        'Get-PerformanceMetric'
        'Get-ResourceUsage'
        'Get-ComplianceReport'
        # Performance
        'Compare-PerformanceBaseline'
        'Get-CapacityForecast'
        'Get-DbSlowQuery'
        'Get-PerformanceSample'
        'New-PerformanceTrendReport'
        'New-QueryOptimizationReport'
        'Optimize-DbQuery'
        'Update-PerformanceBaseline'
        # Backup
        'Get-DatabaseBackup'
        'New-DatabaseBackup'
        'Test-BackupRecency'
        'Test-BackupRestore'
        # Security
        'Find-DbPersonalData'
        'Find-Secret'
        'Get-AzureSecurityFinding'
        'Get-DbAccessReview'
        'Get-DbSecurityFinding'
        'Get-DependencyVulnerability'
        'Invoke-CodeScan'
        'New-SecurityAuditReport'
        'Test-DbRowSecurity'
        # Operate
        'Export-MaintenanceReport'
        'Export-MaintenanceSchedule'
        'Find-SystemIssue'
        'Get-AlertRule'
        'Get-MaintenanceHistory'
        'Get-MaintenanceSchedule'
        'Invoke-LogRotation'
        'Invoke-MaintenanceTask'
        'Publish-MaintenanceArtifact'
        'Repair-SystemIssue'
        'Send-MaintenanceNotification'
        'Start-MaintenanceAgent'
        'Test-AlertRule'
    )
    FunctionsToExport = @()
    VariablesToExport = @()
    AliasesToExport = @()

    PrivateData = @{
        PSData = @{
            Tags = @('PostgreSQL', 'Supabase', 'Database', 'Maintenance', 'Health', 'Backup', 'Operations', 'PSEdition_Core', 'Windows', 'Linux', 'MacOS')
        }
    }
}
