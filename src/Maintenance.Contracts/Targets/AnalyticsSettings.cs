namespace Maintenance;

/// <summary>
/// Which tables and columns tell of errors, requests and data protection. Defaults are the guide's names. A table's name is
/// written as in SQL (schema-qualified or found in <c>public</c>, in double quotes where SQL needs them), a column's exactly as it is.
/// </summary>
public sealed record AnalyticsSettings
{
    /// <summary>The log of errors.</summary>
    public ErrorLogSettings ErrorLog { get; init; } = new();

    /// <summary>The log of requests and how long they took.</summary>
    public RequestLogSettings RequestLog { get; init; } = new();

    /// <summary>The consents of people.</summary>
    public ConsentSettings Consents { get; init; } = new();

    /// <summary>The requests of people about their data.</summary>
    public SubjectRequestSettings SubjectRequests { get; init; } = new();

    /// <summary>The log of what was done with personal data.</summary>
    public AuditLogSettings AuditLog { get; init; } = new();

    /// <summary>What the database may grow to, in bytes; null if nobody said, and then the share in use is Unknown.</summary>
    public long? StorageLimit { get; init; }
}

/// <summary>The log of errors.</summary>
public sealed record ErrorLogSettings
{
    /// <summary>The table.</summary>
    public string Table { get; init; } = "public.error_logs";

    /// <summary>Column with the time: timestamptz, or timestamp in UTC.</summary>
    public string Time { get; init; } = "timestamp";

    /// <summary>Column with the severity, a text or an enumeration.</summary>
    public string Severity { get; init; } = "severity";

    /// <summary>Column that says where it happened.</summary>
    public string Component { get; init; } = "component";

    /// <summary>Column with the message.</summary>
    public string Message { get; init; } = "message";

    /// <summary>Severities that count as errors, in any case. Critical ones count too.</summary>
    public IReadOnlyList<string> ErrorSeverities { get; init => field = Readable.Copy(value); } = Readable.Copy((IReadOnlyList<string>)["error"]);

    /// <summary>Severities that count as critical, in any case.</summary>
    public IReadOnlyList<string> CriticalSeverities { get; init => field = Readable.Copy(value); } = Readable.Copy((IReadOnlyList<string>)["critical"]);
}

/// <summary>The log of requests.</summary>
public sealed record RequestLogSettings
{
    /// <summary>The table.</summary>
    public string Table { get; init; } = "public.query_performance_logs";

    /// <summary>Column with the time: timestamptz, or timestamp in UTC.</summary>
    public string Time { get; init; } = "timestamp";

    /// <summary>Column that says what was asked for.</summary>
    public string Operation { get; init; } = "operation";

    /// <summary>Column with the duration in milliseconds.</summary>
    public string Duration { get; init; } = "duration_ms";

    /// <summary>Column that says whether it succeeded, a boolean.</summary>
    public string Succeeded { get; init; } = "succeeded";
}

/// <summary>The consents of people.</summary>
public sealed record ConsentSettings
{
    /// <summary>The table.</summary>
    public string Table { get; init; } = "public.user_consents";

    /// <summary>Column with the account.</summary>
    public string User { get; init; } = "user_id";

    /// <summary>Column with the kind of consent.</summary>
    public string Type { get; init; } = "consent_type";

    /// <summary>Column that says whether it holds, a boolean.</summary>
    public string Granted { get; init; } = "granted";

    /// <summary>
    /// Column with the time of a decision, for tables that keep a row for each: the newest counts. Null where there is one row for each
    /// account and kind; then an account with a consent and a refusal is Unknown.
    /// </summary>
    public string? Time { get; init; }

    /// <summary>Column with the time at which a consent was withdrawn: from then on it is none. It may be missing under its usual name.</summary>
    public string Withdrawn { get; init; } = "withdrawn_at";

    /// <summary>Column with the time until which a consent holds: from then on it is none. It may be missing under its usual name.</summary>
    public string Expires { get; init; } = "expires_at";

    /// <summary>The kind without which no account may be processed.</summary>
    public string RequiredType { get; init; } = "data_processing";

    /// <summary>The table of accounts.</summary>
    public string UserTable { get; init; } = "auth.users";

    /// <summary>The accounts' key, which <see cref="User"/> refers to.</summary>
    public string UserId { get; init; } = "id";
}

/// <summary>The requests of people about their data.</summary>
public sealed record SubjectRequestSettings
{
    /// <summary>The table.</summary>
    public string Table { get; init; } = "public.data_subject_requests";

    /// <summary>Column with the kind of request.</summary>
    public string Type { get; init; } = "request_type";

    /// <summary>Column with the time by which it must be answered. Without it the time is <see cref="Received"/> and <see cref="Term"/>.</summary>
    public string Due { get; init; } = "due_at";

    /// <summary>Column with the time at which it came.</summary>
    public string Received { get; init; } = "received_at";

    /// <summary>How long there is to answer a request that has no time of its own. Default 30 days.</summary>
    public TimeSpan Term { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Column with the time at which it was answered; null while it is open.</summary>
    public string Completed { get; init; } = "completed_at";

    /// <summary>The kind that asks for one's data.</summary>
    public string AccessType { get; init; } = "access";

    /// <summary>The kind that asks for erasure.</summary>
    public string ErasureType { get; init; } = "erasure";

    /// <summary>Kinds that ask for something else, besides the usual ones: requests of a kind that nobody knows may be any, and make the figures Unknown.</summary>
    public IReadOnlyList<string> OtherTypes { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;
}

/// <summary>The log of what was done with personal data.</summary>
public sealed record AuditLogSettings
{
    /// <summary>The table.</summary>
    public string Table { get; init; } = "public.gdpr_audit_log";

    /// <summary>Column with the time: timestamptz, or timestamp in UTC.</summary>
    public string Time { get; init; } = "created_at";

    /// <summary>Column that numbers the entries, an integer: it tells of entries that are missing or were written later. Other types tell nothing.</summary>
    public string Id { get; init; } = "id";

    /// <summary>Column with the kind of processing.</summary>
    public string ActivityType { get; init; } = "activity_type";

    /// <summary>Column with the number of records that an entry stands for. Without it entries are counted.</summary>
    public string ProcessedRecords { get; init; } = "processed_records";
}
