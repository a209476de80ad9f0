using System.Collections;
using System.Management.Automation;
using System.Net;

namespace Maintenance.ModuleTests.Output;

/// <summary>
/// What the cmdlets give on the sandbox, and what is in it: a few objects of each type, collected once; and one made here of each type that no
/// cmdlet gave.
/// </summary>
public sealed class OutputSamples : IDisposable
{
    private const int Enough = 3;

    /// <summary>Reads and plans; what changes something is only planned, or keeps to the sandbox's own folders and history.</summary>
    private const string Commands = """
        $ProgressPreference = 'SilentlyContinue'
        Get-MaintenanceTarget
        Get-SystemHealth
        Get-DbHealth
        Get-ErrorAnalytics; Get-PerformanceMetric; Get-ResourceUsage
        Get-DbBloat -MinimumSize 0
        Get-DbIndexAdvice -MinimumSize 0
        Get-DbSlowQuery -Threshold 1ms
        Get-DbSession -All
        Get-DbWraparound; Get-DbReplication
        Invoke-DbVacuum -WhatIf; Invoke-DbReindex -WhatIf; Invoke-DbRetention -WhatIf; Restore-DbArchive -Table error_logs -WhatIf; Invoke-LogRotation -WhatIf
        Update-PerformanceBaseline; Compare-PerformanceBaseline
        New-PerformanceTrendReport -Confirm:$false
        Get-CapacityForecast
        Get-DatabaseBackup; Test-BackupRecency
        Get-DbSecurityFinding; Get-DbAccessReview; Get-ComplianceReport; Find-DbPersonalData
        New-SecurityAuditReport -Part Catalogue -Confirm:$false
        Get-AlertRule; Get-SystemHealth | Test-AlertRule -Confirm:$false
        Find-SystemIssue
        Invoke-MaintenanceTask PerformanceMetrics -Confirm:$false
        Get-MaintenanceSchedule; Get-MaintenanceHistory; Get-MaintenanceHistory -Statistics; Get-MaintenanceHistory -MissedRun; Get-PerformanceSample -Since 1d
        Stop-DbSession -ProcessId 999999 -WhatIf
        """;

    // It has a past. Not all who ask for it ask for what is collected.
    private readonly Lazy<(ModuleRunspace Runspace, MaintenanceSandbox Sandbox)> _running = new(() => SandboxFixture.Start("-Scale 0.02 -History 20d -Name output -WarningAction Ignore"));
    private readonly Lazy<(IReadOnlyList<object> Objects, IReadOnlyList<string> Verbose)> _collected;

    public OutputSamples() => _collected = new(Collect);

    internal ModuleRunspace Runspace => _running.Value.Runspace;

    /// <summary>The sandbox that they are of.</summary>
    public MaintenanceSandbox Sandbox => _running.Value.Sandbox;

    /// <summary>The objects, by type.</summary>
    public IEnumerable<IGrouping<Type, object>> ByType => _collected.Value.Objects.GroupBy(item => item.GetType());

    /// <summary>The password of the sandbox.</summary>
    public string Password => new NetworkCredential("", Sandbox.Password).Password;

    /// <summary>What the cmdlets told meanwhile.</summary>
    public IReadOnlyList<string> Verbose => _collected.Value.Verbose;

    public void Dispose()
    {
        if (_running.IsValueCreated)
        {
            Runspace.Invoke("$sandbox | Stop-MaintenanceSandbox -Confirm:$false", ("sandbox", Sandbox));
            Runspace.Dispose();
        }
    }

    private (IReadOnlyList<object>, IReadOnlyList<string>) Collect()
    {
        var result = Runspace.Run($"$VerbosePreference = 'Continue'\n{Commands}");
        Assert.True(result.Terminating is null, result.Terminating?.ToString());
        Runspace.Run("$VerbosePreference = 'SilentlyContinue'; $Error.Clear()");
        var counts = new Dictionary<Type, int>();
        var objects = new List<object>();
        Visit(Sandbox, counts, objects);
        foreach (var item in result.Output.OfType<PSObject>())
        {
            Visit(item.BaseObject, counts, objects);
        }

        var given = Runspace.Invoke("(Get-Command -Module Maintenance -CommandType Cmdlet).OutputType.Type").Select(type => (Type)type.BaseObject);
        objects.AddRange(BuiltOutput.Closure(given).Where(type => !counts.ContainsKey(type)).Select(type => BuiltOutput.Make(type)));
        return (objects, result.Verbose);
    }

    private static void Visit(object item, Dictionary<Type, int> counts, List<object> objects)
    {
        var type = item.GetType();
        if (type.Assembly != typeof(Finding).Assembly || !type.IsPublic || type.IsEnum || counts.GetValueOrDefault(type) >= Enough)
        {
            return;
        }

        counts[type] = counts.GetValueOrDefault(type) + 1;
        objects.Add(item);
        foreach (var part in type.GetProperties().Where(property => property.GetIndexParameters().Length == 0).Select(property => property.GetValue(item)).OfType<IEnumerable>().Where(value => value is not (string or IDictionary)))
        {
            foreach (var element in part.Cast<object?>().OfType<object>())
            {
                Visit(element, counts, objects);
            }
        }
    }
}
