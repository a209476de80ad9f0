namespace Maintenance;

/// <summary>What may be repaired without a person, and how.</summary>
public sealed record RepairPolicy
{
    /// <summary>The highest risk that Invoke-MaintenanceTask Troubleshooting takes, which nobody watches. Default Low: what ends sessions or replaces what runs is left to people.</summary>
    public RemedyRisk UnattendedRisk { get; init; } = RemedyRisk.Low;

    /// <summary>How many remedies one run may carry out. Default 5.</summary>
    public int MaximumActions { get; init; } = 5;

    /// <summary>A remedy that did not help is not carried out again for the same finding before this time is over. Default 6 h.</summary>
    public TimeSpan CoolDown { get; init; } = TimeSpan.FromHours(6);

    /// <summary>How long after a remedy one measures again at the earliest. Default 15 s.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>A session that has been idle for longer may be ended when connections run out. Default 30 min.</summary>
    public TimeSpan IdleSession { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>A session that has been idle in a transaction for longer may be ended. Default 10 min.</summary>
    public TimeSpan IdleInTransaction { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How functions are deployed again; null for never (default).</summary>
    public FunctionDeployment? FunctionDeployment { get; init; }

    /// <summary>Remedies of your own, by the id of the finding they are for.</summary>
    public IReadOnlyList<CustomRemedy> Remedies { get; init => field = Readable.Copy(value); } = Readable.List<CustomRemedy>.Empty;
}

/// <summary>How edge functions are deployed again with the Supabase CLI, from a source that somebody has chosen.</summary>
public sealed record FunctionDeployment
{
    /// <summary>Reference of the Supabase project.</summary>
    public required string ProjectRef { get; init; }

    /// <summary>Folder of the checked-out source, whose <c>supabase/functions</c> are deployed.</summary>
    public required string Source { get; init; }

    /// <summary>The commit (40 hexadecimal digits) that must be checked out there, without changes: nothing else is ever deployed.</summary>
    public required string Revision { get; init; }

    /// <summary>Where the access token is; given to the program in its environment.</summary>
    public SecretReference? AccessToken { get; init; }

    /// <summary>How long it may take. Default 5 min.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);
}

/// <summary>A program that mends a kind of finding.</summary>
public sealed record CustomRemedy
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Id of the findings it is for, with the wildcards * and ?.</summary>
    public required string Finding { get; init; }

    /// <summary>The program.</summary>
    public required string Program { get; init; }

    /// <summary>Its arguments, each by itself; {subject}, {target} and {database} are put in. No shell reads them.</summary>
    public IReadOnlyList<string> Arguments { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;

    /// <summary>How long it may take. Default 5 min.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>What may go wrong. Default: High.</summary>
    public RemedyRisk Risk { get; init; } = RemedyRisk.High;
}
