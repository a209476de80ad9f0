using System.Collections;
using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Engine.Functions;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Asks an edge function for an action, and checks its answer.</summary>
/// <remarks>
/// <para>Use it to see what a function says, and in scripts in the place of curl. The 22 actions of the four functions are typed: a field
/// that is missing, null or of the wrong type is an error with its path, never a default. Any other function and action gives plain
/// objects.</para>
/// <para>The target's bearer token and API key are sent along. Each attempt may take 10 s, the whole call 30 s (TimeoutSeconds). What
/// only reads is asked up to three times, with growing pauses or as long as Retry-After says; optimize_performance,
/// auto_resolve_issues, update_baselines and actions the module does not know are asked once. A function that fails again and again
/// is left alone for 30 s. At most 1 MiB of an answer is read.</para>
/// <para>Every way to fail has its own error id: FunctionAuthenticationFailed, FunctionNotFound, FunctionThrottled, FunctionRejected,
/// FunctionFailed, FunctionContentType, FunctionBodyEmpty, FunctionBodyInvalid, FunctionBodyTooLarge, FunctionFieldMissing,
/// FunctionFieldNull, FunctionFieldInvalid, FunctionTimeout, FunctionUnreachable, FunctionCircuitOpen.</para>
/// <para>Privileges: a token or key the function accepts; none in the database. It changes what the action changes, and the
/// function decides that. What is not known to read only is not sent with -WhatIf.</para>
/// </remarks>
/// <default parameter="TimeoutSeconds">30</default>
/// <example>
/// <code>Invoke-EdgeFunction error-tracking get_error_analytics @{ time_window = '24h' }</code>
/// <para>Asks for the errors of the last day.</para>
/// </example>
/// <example>
/// <code>(Invoke-EdgeFunction production-monitoring comprehensive_health_check).Result.OverallHealthPercent</code>
/// <para>The function's own score.</para>
/// </example>
/// <example>
/// <code>Invoke-EdgeFunction database-scalability optimize_performance -WhatIf</code>
/// <para>Says what would be asked, since that action changes something.</para>
/// </example>
/// <seealso cref="TestEdgeFunctionCommand"/>
[Cmdlet(VerbsLifecycle.Invoke, "EdgeFunction", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(EdgeFunctionResponse))]
public sealed class InvokeEdgeFunctionCommand : TargetCmdlet
{
    /// <summary>Name of the function.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ArgumentCompleter(typeof(FunctionCompleter))]
    [ValidateNotNullOrEmpty]
    public string Function { get; set; } = "";

    /// <summary>The action to ask for.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ArgumentCompleter(typeof(FunctionActionCompleter))]
    [ValidateNotNullOrEmpty]
    public string Action { get; set; } = "";

    /// <summary>Further fields of the request, such as time_window or report_type. Default: none.</summary>
    [Parameter(Position = 2)]
    [ValidateNotNull]
    public IDictionary Argument { get; set; } = new Hashtable();

    /// <inheritdoc/>
    protected override async Task ProcessTargetAsync(MaintenanceTarget target, CancellationToken cancellationToken)
    {
        // What only reads is not asked about.
        if (!FunctionService.OnlyReads(Function, Action) && !await ShouldProcessAsync($"{target.Name}: {Function}", $"Ask for {Action}, which may change something"))
        {
            return;
        }

        await WriteObjectAsync(await Engine.Functions.InvokeAsync(target, Function, Action, Plain(Argument), Call, cancellationToken));
    }

    private static Dictionary<string, object?> Plain(IDictionary fields) =>
        fields.Cast<DictionaryEntry>().ToDictionary(field => field.Key.ToString()!, field => PlainValue(field.Value));

    // PowerShell wraps what a script has touched; the engine knows nothing of that.
    private static object? PlainValue(object? value) => value switch
    {
        PSObject { BaseObject: PSCustomObject } custom => custom.Properties.ToDictionary(property => property.Name, property => PlainValue(property.Value)),
        PSObject wrapped => PlainValue(wrapped.BaseObject),
        IDictionary fields => Plain(fields),
        string text => text,
        IEnumerable items => items.Cast<object?>().Select(PlainValue).ToArray(),
        _ => value,
    };
}
