namespace Maintenance.ModuleTests.Help.Examples;

/// <summary>The examples that no test can run, each with the reason. They are parsed all the same.</summary>
internal static class ExampleExceptions
{
    public static IReadOnlyList<(string Name, string Code, string Reason)> All { get; } =
    [
        (
            "Connect-MaintenanceTarget",
            "Connect-MaintenanceTarget -HostName db.example.org -Database app -Credential (Get-Credential) -SslMode VerifyFull",
            "Names a server elsewhere, with a certificate of a public authority."),
        (
            "Invoke-LogRotation",
            "Invoke-LogRotation -Target production -Prefix weekly-trends/ -Container performance-reports -TierAfter 30d -Tier Cold",
            "Only containers in Azure have tiers."),
        (
            "Restore-DbArchive",
            "Restore-DbArchive -Manifest 'public.error_logs/2026/11/0f8fad5bd9cb469fa16570867728950e/manifest.json' -ColumnMap @{ severity = 'level' } -IgnoreColumn context",
            "An archive has the id of the run that made it in its name."),
        (
            "Test-BackupRestore",
            "Get-DatabaseBackup -Path ./base -Newest 1 | Test-BackupRestore -Level Full -WalPath ./wal -PointInTime 2h",
            "A base backup of two hours ago, and the write-ahead log since: PhysicalBackupCmdletTests has them."),
        (
            "about_Maintenance",
            "New-MaintenanceConfiguration\nTest-MaintenanceConfiguration -Connect\nConnect-MaintenanceTarget\nInvoke-MaintenanceTask Daily",
            "The new file names a server that is not there before somebody has changed it."),
    ];

    public static string? Reason(string name, string code) => All.FirstOrDefault(excepted => excepted.Name == name && excepted.Code == code).Reason;
}
