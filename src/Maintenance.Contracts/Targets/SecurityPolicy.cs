namespace Maintenance;

/// <summary>What the security audit has to know that no server can tell.</summary>
public sealed record SecurityPolicy
{
    /// <summary>Findings that somebody decided to live with for a while.</summary>
    public IReadOnlyList<AcceptedFinding> Accepted { get; init => field = Readable.Copy(value); } = Readable.List<AcceptedFinding>.Empty;

    /// <summary>Folders of source code that the audit scans.</summary>
    public IReadOnlyList<SourceFolder> Sources { get; init => field = Readable.Copy(value); } = Readable.List<SourceFolder>.Empty;

    /// <summary>The API's keys, and when each was made. Without them their age is Manual.</summary>
    public IReadOnlyList<ApiKeyAge> ApiKeys { get; init => field = Readable.Copy(value); } = Readable.List<ApiKeyAge>.Empty;

    /// <summary>How old an API key may become. Default 90 days (guide M3).</summary>
    public TimeSpan ApiKeyMaximumAge { get; init; } = TimeSpan.FromDays(90);

    /// <summary>After how long without activity a role is inactive. Default 90 days (guide M5).</summary>
    public TimeSpan InactiveAfter { get; init; } = TimeSpan.FromDays(90);

    /// <summary>Names or patterns of roles that programs log in as; a person need not have used them.</summary>
    public IReadOnlyList<string> ServiceAccounts { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;

    /// <summary>File with what row security has to allow (<c>Test-DbRowSecurity -Generate</c> writes one); null for none.</summary>
    public string? RowExpectations { get; init; }

    /// <summary>The table whose rows are the people that data are about, schema-qualified or found in <c>public</c>; null for <c>auth.users</c>.</summary>
    public string? SubjectTable { get; init; }

    /// <summary>On which Sunday of the month the audit is due: 1 to 4. Default 2 (guide S9).</summary>
    public int AuditSunday { get; init; } = 2;

    /// <summary>How long a published report has to be kept. Default 7 years (guide M8).</summary>
    public TimeSpan ReportRetention { get; init; } = TimeSpan.FromDays(7 * 365 + 2);

    /// <summary>The Azure resources whose configuration is checked; null for none.</summary>
    public AzureResources? Azure { get; init; }
}

/// <summary>A finding, or all that a pattern names, that somebody decided to live with for a while.</summary>
public sealed record AcceptedFinding
{
    /// <summary>Id of the finding; wildcards allowed.</summary>
    public required string Id { get; init; }

    /// <summary>What it is about; wildcards allowed. Null for whatever it is about.</summary>
    public string? Subject { get; init; }

    /// <summary>The database or other scope; wildcards allowed. Null for each.</summary>
    public string? Scope { get; init; }

    /// <summary>The last day on which it is accepted (UTC).</summary>
    public required DateOnly Until { get; init; }

    /// <summary>Who decided.</summary>
    public required string By { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }
}

/// <summary>A folder of source code to scan.</summary>
public sealed record SourceFolder
{
    /// <summary>The folder.</summary>
    public required string Path { get; init; }

    /// <summary>What it is called in findings; null for the folder's own name. Two machines may have it in different places.</summary>
    public string? Name { get; init; }

    /// <summary>The scanners that must read it, by name; null for those that fit what is in it.</summary>
    public IReadOnlyList<string>? Scanners { get; init => field = value?.ToArray(); }
}

/// <summary>An API key, without the key.</summary>
public sealed record ApiKeyAge
{
    /// <summary>What the key is called: <c>anon</c>, <c>service_role</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The day on which it was made or changed last.</summary>
    public required DateOnly ChangedOn { get; init; }
}

/// <summary>The Azure resources whose configuration is checked, through Azure Resource Manager with the signed-in identity.</summary>
public sealed record AzureResources
{
    /// <summary>Id of the subscription.</summary>
    public required string SubscriptionId { get; init; }

    /// <summary>Name of the resource group; null for the whole subscription.</summary>
    public string? ResourceGroup { get; init; }

    /// <summary>Address of Azure Resource Manager; null for <c>https://management.azure.com</c>.</summary>
    public Uri? Endpoint { get; init; }
}
