using Maintenance.Engine.Analytics;
using Maintenance.Engine.Compliance;
using Maintenance.Engine.Backup;
using Maintenance.Engine.Database;
using Maintenance.Engine.Functions;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Health;

/// <summary>How a target's database and the whole system are.</summary>
public sealed class HealthService
{
    private readonly DatabaseConnector _connector;
    private readonly DatabasePulse _pulse;
    private readonly FunctionService _functions;
    private readonly AnalyticsService _analytics;
    private readonly TimeProvider _time;

    private readonly IReadOnlyList<IHealthProbe> _probes;

    internal HealthService(DatabaseConnector connector, BackupService backups, FunctionService functions, AnalyticsService analytics, ComplianceService compliance, TimeProvider time)
    {
        _connector = connector;
        _pulse = new DatabasePulse(time);
        _functions = functions;
        _analytics = analytics;
        _time = time;
        _probes =
        [
            new DatabaseProbe(this, functions, time),
            new BackupProbe(backups, time),
            new FunctionsProbe(functions, time),
            new ErrorsProbe(analytics),
            new ResourcesProbe(analytics),
            new ComplianceProbe(compliance),
        ];
    }

    /// <summary>Measures one database. Default timeout 30 s; the last few of them are for finding out whether a server that keeps silent is down.</summary>
    /// <param name="target">The target.</param>
    /// <param name="call">Where to tell what happens.</param>
    /// <param name="cancellationToken">Cancels on the server too.</param>
    public async Task<DbHealth> GetDbHealthAsync(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken)
    {
        return await _pulse.WatchAsync(
            target,
            $"Measuring the database of '{target.Name}'",
            call.Timeout ?? TimeSpan.FromSeconds(30),
            call,
            async (deadline, token) =>
            {
                await using var session = await _connector.OpenAsync(target, new SessionOptions("Get-DbHealth", deadline.Remaining), call, token);
                call.Sink.Verbose($"Measuring database {session.Database} of '{target.Name}' (PostgreSQL {session.ServerVersion}, role {session.User}).");
                // A session of the pool may be answered while nobody else gets in.
                var entering = _pulse.RequireEntryAsync(target, call.Timeout ?? TimeSpan.FromSeconds(30), call, token);
                var facts = await new DbHealthProbe(session).ReadAsync(token);
                await entering;
                return DbHealthEvaluator.Evaluate(target, facts, _time.GetUtcNow());
            },
            cancellationToken);
    }

    /// <summary>Measures every part of a system at once and scores it. Default timeout 60 s.</summary>
    /// <param name="target">The target.</param>
    /// <param name="call">Where to tell what happens.</param>
    /// <param name="cancellationToken">Cancels the probes.</param>
    public async Task<SystemHealth> GetSystemHealthAsync(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(call.Timeout ?? TimeSpan.FromSeconds(60), _time, cancellationToken);
        return (await MeasureNowAsync(target, call, deadline, cancellationToken)).System;
    }

    /// <summary>Measures everything at once, and what the rules watch as it is now: requests of the last minutes, not those of a whole day.</summary>
    internal async Task<SystemMeasurement> MeasureNowAsync(MaintenanceTarget target, CallContext call, Deadline deadline, CancellationToken cancellationToken)
    {
        var asking = RecentRequests.MeasureAsync(_analytics, target, call, deadline, _time);
        var measured = await MeasureAsync(target, call, deadline, cancellationToken);
        return measured with { System = measured.System with { Metrics = RecentRequests.In(measured.System.Metrics, await asking, HealthComponents.IsDatabaseDown(measured.Parts)) } };
    }

    /// <summary>The probes of the parts that are watched: all but those the target excludes on purpose.</summary>
    internal IReadOnlyList<IHealthProbe> ProbesFor(MaintenanceTarget target) =>
        [.. _probes.Where(probe => !target.ExcludedComponents.Contains(probe.Component, StringComparer.OrdinalIgnoreCase))];

    /// <summary>Measures everything at once, and keeps what each part came to beside the whole.</summary>
    internal async Task<SystemMeasurement> MeasureAsync(
        MaintenanceTarget target, CallContext call, Deadline deadline, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        var asking = FunctionOpinion.AskAsync(_functions, target, call, deadline, _time);
        var outcomes = await new ProbeRunner(_time).RunAsync(target, ProbesFor(target), call, deadline, cancellationToken);
        var opinion = await asking;
        return new SystemMeasurement(
            outcomes, opinion, HealthScore.Combine(target, outcomes, opinion, _time.GetElapsedTime(started), _time.GetUtcNow()));
    }
}

/// <summary>What was measured of a system: by part, as the functions see it, and as a whole.</summary>
internal sealed record SystemMeasurement(IReadOnlyList<ProbeOutcome> Parts, FunctionOpinion? Opinion, SystemHealth System);
