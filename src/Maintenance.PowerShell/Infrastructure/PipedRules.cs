using System.Collections;
using System.Management.Automation;

namespace Maintenance.Infrastructure;

/// <summary>Alert rules as they come through a pipeline: those of Get-AlertRule, or tables and objects that say a limit and have no value.</summary>
internal static class PipedRules
{
    /// <summary>The rule that an object is; null if it is none.</summary>
    /// <param name="input">The object.</param>
    /// <exception cref="MaintenanceException">InvalidArgument: it is a rule, and something of it has no fit value.</exception>
    public static AlertRuleSettings? Of(PSObject input) => input.BaseObject switch
    {
        AlertRule rule => AlertRuleSettings.Of(rule),
        AlertRuleSettings settings => settings,
        IDictionary table when IsRule(name => Has(table, name)) => Read(table),
        PSCustomObject when IsRule(name => input.Properties[name] is not null) => Read(input),
        _ => null,
    };

    // A metric has a value; a rule has none, and says at least its metric or its limit.
    private static bool IsRule(Func<string, bool> has) => has("Name") && !has("Value") && !has("Metrics") && (has("Threshold") || has("Metric") || has("Operator"));

    private static bool Has(IDictionary table, string name) => table.Keys.Cast<object>().Any(key => name.Equals(key.ToString(), StringComparison.OrdinalIgnoreCase));

    private static AlertRuleSettings? Read(object item)
    {
        try
        {
            return new AlertRuleAttribute().Transform(null!, item) as AlertRuleSettings;
        }
        catch (ArgumentTransformationMetadataException exception)
        {
            throw new MaintenanceException(MaintenanceErrorCode.InvalidArgument, $"A rule that was piped is none. {exception.Message}", "Get-AlertRule shows the form of those that are built in.");
        }
    }
}
