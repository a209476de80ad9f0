using Maintenance.Engine.Database;
using Maintenance.Engine.Functions;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Compliance;

/// <summary>Data protection: what the database tells of it, what the function says, and whether the two agree (guide D4, M4, T4).</summary>
public sealed class ComplianceService
{
    private const string TaskName = "Get-ComplianceReport";

    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    private readonly DatabaseConnector _connector;
    private readonly FunctionService _functions;
    private readonly TimeProvider _time;

    internal ComplianceService(DatabaseConnector connector, FunctionService functions, TimeProvider time) =>
        (_connector, _functions, _time) = (connector, functions, time);

    /// <summary>Makes the report. Default timeout 30 s. Changes nothing.</summary>
    /// <param name="target">The target.</param>
    /// <param name="type">Which report.</param>
    /// <param name="source">Where figures shall come from: with Auto from both, where both are configured.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="MaintenanceException">Neither source answered: what kept the database, else the function.</exception>
    public async Task<ComplianceReport> ReportAsync(
        MaintenanceTarget target, ComplianceReportType type, MeasurementSourceChoice source, CallContext call, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(call.Timeout ?? DefaultTimeout, _time, cancellationToken);
        return await deadline.RunAsync($"Measuring the compliance of '{target.Name}'", async token =>
        {
            // Both at once: neither waits for the other.
            var asking = IsFunctionAsked(target, source) ? AskAsync(target, type, call with { Timeout = deadline.Remaining * 0.9 }, token) : null;
            var reading = source == MeasurementSourceChoice.Function || (source == MeasurementSourceChoice.Auto && target.Database is null && asking is not null)
                ? null
                : ReadAsync(target, type, call, deadline, token);
            await Task.WhenAll(asking ?? Task.CompletedTask, reading ?? Task.CompletedTask);
            var (opinion, facts) = (asking is null ? null : await asking, reading is null ? null : await reading);
            if (opinion?.Facts is null && facts is { Failure: { } failure })
            {
                throw opinion?.Failure is { } before
                    ? new MaintenanceException(failure.Code, $"{failure.Message} Before that, {FunctionCatalogue.GdprCompliance} failed ({before.Code}): {before.Message}", failure.Recommendation, failure.Detail)
                    : failure;
            }

            if (facts is null && opinion?.Failure is { } alone)
            {
                throw alone;
            }

            return new ComplianceComposer(target, type, source, _time.GetUtcNow())
                .Compose(facts?.Facts ?? (facts is null ? null : ComplianceFacts.Nothing(type, target, facts.Failure!)), opinion);
        });
    }

    /// <summary>What -AutoResolveLow would do: asks the function for its issues (guide T4). Changes nothing.</summary>
    /// <param name="target">The target.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public Task<ComplianceResolution> PlanResolutionAsync(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken) =>
        new ComplianceResolver(_functions, target, call, _time).PlanAsync(cancellationToken);

    /// <summary>Lets the function resolve its issues of low severity, and asks again what is left. Never repeated by itself.</summary>
    /// <param name="target">The target.</param>
    /// <param name="plan">What was planned; only a plan with something to do is carried out.</param>
    /// <param name="call">What the call brings along.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public Task<ComplianceResolution> ResolveAsync(MaintenanceTarget target, ComplianceResolution plan, CallContext call, CancellationToken cancellationToken) =>
        new ComplianceResolver(_functions, target, call, _time).ResolveAsync(plan, cancellationToken);

    private static bool IsFunctionAsked(MaintenanceTarget target, MeasurementSourceChoice source) =>
        source == MeasurementSourceChoice.Function || (source == MeasurementSourceChoice.Auto && target.Functions is not null);

    private async Task<Reading<ComplianceOpinion>> AskAsync(
        MaintenanceTarget target, ComplianceReportType type, CallContext call, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await _functions.CallAsync(
                target, FunctionCatalogue.ComplianceReport, new Dictionary<string, object?> { ["report_type"] = type.ToString().ToLowerInvariant() }, call, cancellationToken);
            return Reading<ComplianceOpinion>.Of(ComplianceOpinion.Of(answer));
        }
        catch (MaintenanceException exception)
        {
            call.Sink.Verbose($"{FunctionCatalogue.GdprCompliance} did not answer for '{target.Name}' ({exception.Code}): {exception.Message}");
            return Reading<ComplianceOpinion>.Failed(exception);
        }
    }

    private async Task<Reading<ComplianceFacts>> ReadAsync(
        MaintenanceTarget target, ComplianceReportType type, CallContext call, Deadline deadline, CancellationToken cancellationToken)
    {
        try
        {
            await using var session = await _connector.OpenAsync(target, new SessionOptions(TaskName, deadline.Remaining), call, cancellationToken);
            return Reading<ComplianceFacts>.Of(await new ComplianceReader(session, deadline, _time).ReadAsync(type, cancellationToken));
        }
        catch (MaintenanceException exception)
        {
            return Reading<ComplianceFacts>.Failed(exception);
        }
    }
}
