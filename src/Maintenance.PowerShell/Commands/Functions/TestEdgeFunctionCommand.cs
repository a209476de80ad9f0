using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Tests whether edge functions answer, and whether they say that they are healthy.</summary>
/// <remarks>
/// <para>Use it to watch functions, and first thing when something is wrong with them. All are asked at once, each with one request
/// over a connection of its own, so that ConnectTime, TlsTime, FirstByteTime and TotalTime are those of that request.</para>
/// <para>Ok means: status 200, JSON, and a body that says healthy. Any other answer is Critical, degraded a Warning, and so is a
/// certificate that ends within 14 days. No answer at all is Unknown: it may be this machine's network. ColdStart compares with
/// what this session has seen of the function before: more than twice its median and 250 ms later; null for a first test.</para>
/// <para>The whole test takes at most 15 s (TimeoutSeconds), a request at most 10 s.</para>
/// <para>Privileges: a token or key the functions accept; none in the database. It changes nothing.</para>
/// </remarks>
/// <default parameter="TimeoutSeconds">15</default>
/// <example>
/// <code>Test-EdgeFunction</code>
/// <para>Tests the four functions.</para>
/// </example>
/// <example>
/// <code>Test-EdgeFunction error-tracking, gdpr-compliance | Where-Object Status -ne Ok</code>
/// <para>Keeps those of two that are not healthy.</para>
/// </example>
/// <example>
/// <code>if (-not (Test-EdgeFunction -Quiet)) { 'Some function is not healthy.' }</code>
/// <para>Asks for all four as one Boolean.</para>
/// </example>
/// <seealso cref="InvokeEdgeFunctionCommand"/>
/// <seealso cref="GetSystemHealthCommand"/>
[Cmdlet(VerbsDiagnostic.Test, "EdgeFunction")]
[OutputType(typeof(EdgeFunctionHealth), typeof(bool))]
public sealed class TestEdgeFunctionCommand : TargetCmdlet
{
    /// <summary>Names of the functions. Default: the four that the module knows.</summary>
    [Parameter(Position = 0)]
    [ArgumentCompleter(typeof(FunctionCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Function { get; set; }

    /// <summary>Gives only true, if every one is Ok, or false.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessTargetAsync(MaintenanceTarget target, CancellationToken cancellationToken)
    {
        var tested = await Engine.Functions.TestAsync(target, Function, Call, cancellationToken);
        if (Quiet)
        {
            await WriteObjectAsync(tested.All(function => function.Status == HealthStatus.Ok));
            return;
        }

        foreach (var function in tested)
        {
            await WriteObjectAsync(function);
        }
    }
}
