using Maintenance.Engine.Analytics;
using Maintenance.Engine.Database;
using Maintenance.Engine.Resilience;
using Npgsql;

namespace Maintenance.Engine.Compliance;

/// <summary>
/// Reads what a report is computed from: counts and times, never a value of a person. What cannot be read is a failure of its part alone,
/// and no part takes more than its share of the time from those after it.
/// </summary>
internal sealed class ComplianceReader(DatabaseSession session, Deadline deadline, TimeProvider time)
{
    /// <summary>The time that requests and audit entries are looked at, whatever the report.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromDays(30);

    /// <summary>How far the times of entries may go back while their numbers go on: transactions end in another order than they begin.</summary>
    public static readonly TimeSpan OrderTolerance = TimeSpan.FromHours(1);

    /// <summary>How far entries may be ahead of the server's time: clocks of those who write them differ.</summary>
    public static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);

    private readonly AnalyticsSettings _analytics = session.Target.Analytics;
    private readonly RequestKinds _kinds = new(session.Target.Analytics.SubjectRequests);
    private int _left;

    public async Task<ComplianceFacts> ReadAsync(ComplianceReportType type, CancellationToken cancellationToken)
    {
        var policies = type == ComplianceReportType.Quick ? [] : RetentionDefaults.Of(session.Target);
        _left = 4 + policies.Count + (type == ComplianceReportType.Monthly ? 2 : 0);
        var retention = new List<PolicyReading>();
        var facts = new ComplianceFacts
        {
            Database = session.Database,
            Consents = await TryAsync(ConsentsAsync, cancellationToken),
            Access = await TryAsync(token => RequestsAsync(_analytics.SubjectRequests.AccessType, _kinds.Access, token), cancellationToken),
            Deletion = await TryAsync(token => RequestsAsync(_analytics.SubjectRequests.ErasureType, _kinds.Erasure, token), cancellationToken),
            Audit = await TryAsync(CoverageAsync, cancellationToken),
            Sequence = type == ComplianceReportType.Monthly ? await TryAsync(SequenceAsync, cancellationToken) : null,
            Activities = type == ComplianceReportType.Monthly ? await TryAsync(ActivitiesAsync, cancellationToken) : null,
        };
        foreach (var policy in policies)
        {
            retention.Add(new PolicyReading(policy, await TryAsync(token => RetentionReader.ReadAsync(session, policy, token), cancellationToken)));
        }

        return facts with { Retention = type == ComplianceReportType.Quick ? null : retention };
    }

    private async Task<ConsentFacts> ConsentsAsync(CancellationToken cancellationToken)
    {
        var tables = await MappedTable.OpenAllAsync(session, [TableMapping.Consents(_analytics), TableMapping.Users(_analytics)], cancellationToken);
        var (consents, users) = (tables[0], tables[1]);
        foreach (var end in new[] { "withdrawn", "expires" })
        {
            // A column that is there and cannot be read may say that a consent is none any more.
            if (consents.Lack(end) is { } lack && lack.Detail != PostgresErrorCodes.UndefinedColumn)
            {
                throw lack;
            }

            consents = consents.Or(end, "NULL::timestamptz");
        }

        var text = _analytics.Consents.Time is null ? "Compliance/Sql/Consents.sql" : "Compliance/Sql/NewestConsents.sql";
        return (await consents.With(users).QueryAsync(
            session, text, row => new ConsentFacts(consents.Quoted, row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)), cancellationToken, _analytics.Consents.RequiredType))[0];
    }

    private async Task<RequestFacts> RequestsAsync(string kind, string[] names, CancellationToken cancellationToken)
    {
        var requests = await MappedTable.OpenAsync(session, TableMapping.SubjectRequests(_analytics), cancellationToken);
        if (requests.Lack("due") is { } due && requests.Lack("received") is { } received)
        {
            throw new MaintenanceException(
                received.Code,
                $"Nothing tells by when requests must be answered. {due.Message} {received.Message}",
                due.Code == MaintenanceErrorCode.PermissionDenied ? due.Recommendation : received.Recommendation);
        }

        return (await requests.Or("due", "NULL::timestamptz").Or("received", "NULL::timestamptz").QueryAsync(
            session,
            "Compliance/Sql/SubjectRequests.sql",
            row => new RequestFacts
            {
                Table = requests.Quoted,
                Kind = kind,
                HasDue = requests.Lack("due") is null,
                Total = row.GetInt64(0),
                Unrecognised = row.GetInt64(1),
                UnrecognisedKinds = row.GetInt64(2),
                UnrecognisedNames = row.GetFieldValue<string[]>(3),
                Undated = row.GetInt64(4),
                UndatedAnswered = row.GetInt64(5),
                FellDue = row.GetInt64(6),
                InTime = row.GetInt64(7),
                AnsweredLate = row.GetInt64(8),
                Open = row.GetInt64(9),
                Overdue = row.GetInt64(10),
                DueWithinWeek = row.GetInt64(11),
                OldestOpen = Moment(row, 12),
                FirstDue = Moment(row, 13),
            },
            cancellationToken,
            names,
            Period,
            _analytics.SubjectRequests.Term,
            _kinds.Known))[0];
    }

    private async Task<AuditCoverageFacts> CoverageAsync(CancellationToken cancellationToken)
    {
        var log = await MappedTable.OpenAsync(session, TableMapping.AuditLog(_analytics), cancellationToken);
        return (await log.QueryAsync(
            session,
            "Compliance/Sql/AuditCoverage.sql",
            row => new AuditCoverageFacts(log.Quoted, row.GetInt64(0), row.GetFieldValue<int[]>(1).ToHashSet(), Moment(row, 2)!.Value, Moment(row, 3)!.Value, Moment(row, 4)!.Value),
            cancellationToken,
            Period))[0];
    }

    private async Task<AuditSequenceFacts> SequenceAsync(CancellationToken cancellationToken)
    {
        var log = await MappedTable.OpenAsync(session, TableMapping.AuditLog(_analytics), cancellationToken);
        if (log.Lack("id") is { } lack)
        {
            throw lack;
        }

        return (await log.QueryAsync(
            session,
            "Compliance/Sql/AuditSequence.sql",
            row => new AuditSequenceFacts(
                log.Quoted,
                row.GetInt64(0),
                decimal.Parse(row.GetString(1), System.Globalization.CultureInfo.InvariantCulture),
                row.GetInt64(2),
                row.GetInt64(3),
                row.GetInt64(4),
                row.GetInt64(5)),
            cancellationToken,
            Period,
            OrderTolerance,
            ClockTolerance))[0];
    }

    private async Task<IReadOnlyList<ProcessingActivity>> ActivitiesAsync(CancellationToken cancellationToken)
    {
        var log = await MappedTable.OpenAsync(session, TableMapping.AuditLog(_analytics), cancellationToken);
        if (log.Lack("activity") is { } lack)
        {
            throw lack;
        }

        return await log.Or("records", "1").QueryAsync(
            session,
            "Compliance/Sql/Activities.sql",
            row => new ProcessingActivity
            {
                ActivityType = ErrorText.Harmless(row.GetString(0)),
                ProcessedRecords = decimal.Parse(row.GetString(1), System.Globalization.CultureInfo.InvariantCulture) is var records && records < long.MaxValue ? (long)records : long.MaxValue,
                Source = MeasurementSource.Database,
            },
            cancellationToken,
            Period);
    }

    private async Task<Reading<T>> TryAsync<T>(Func<CancellationToken, Task<T>> read, CancellationToken cancellationToken)
        where T : class
    {
        // Half of what is left, or a fair share if that is more: a slow table must not leave the others without time.
        var share = deadline.Remaining is { } remaining ? remaining / Math.Min(2, Math.Max(1, _left)) : Timeout.InfiniteTimeSpan;
        _left--;
        using var timer = new CancellationTokenSource(share, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        try
        {
            return Reading<T>.Of(await read(both.Token));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Reading<T>.Failed(new MaintenanceException(
                MaintenanceErrorCode.StatementTimeout,
                FormattableString.Invariant($"It took longer than its share of the time, {share.TotalSeconds:0.#} s."),
                "Allow more time with -TimeoutSeconds, or give the table an index on the column of its time."));
        }
        catch (MaintenanceException exception) when (exception.Code != MaintenanceErrorCode.DatabaseUnreachable)
        {
            return Reading<T>.Failed(exception);
        }
    }

    private static DateTimeOffset? Moment(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : new DateTimeOffset(row.GetDateTime(column).ToUniversalTime());
}
