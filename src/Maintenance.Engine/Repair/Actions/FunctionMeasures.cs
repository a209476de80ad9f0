using Maintenance.Engine.Functions;
using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Repair.Actions;

/// <summary>The figures of the guide's first two issues, as the functions tell them (guide T1, T2).</summary>
internal sealed class FunctionMeasures(FunctionService functions)
{
    /// <summary>An error rate above this is an issue (guide T1), in percent.</summary>
    public const double HighErrorRate = 5;

    /// <summary>An average response time above this is an issue (guide T2), in milliseconds.</summary>
    public const double SlowResponse = 2000;

    private const string Window = "15m";

    public async Task<IssueLook> ErrorRateAsync(RepairContext context, CancellationToken cancellationToken)
    {
        var rate = (await functions.CallAsync(
            context.Target, FunctionCatalogue.ErrorRate, new Dictionary<string, object?> { ["time_window"] = Window }, context.Call with { Timeout = null }, cancellationToken)).ErrorRate;
        return new IssueLook(rate > HighErrorRate, Say.Text($"error rate {rate:0.##} % over {Window}, limit {HighErrorRate} %"));
    }

    public async Task<IssueLook> ResponseTimeAsync(RepairContext context, CancellationToken cancellationToken)
    {
        var average = (await functions.CallAsync(
            context.Target, FunctionCatalogue.PerformanceMetrics, new Dictionary<string, object?> { ["time_window"] = Window }, context.Call with { Timeout = null }, cancellationToken)).AvgResponseTime;
        return new IssueLook(average > SlowResponse, Say.Text($"average response time {average:0} ms over {Window}, limit {SlowResponse} ms"));
    }
}
