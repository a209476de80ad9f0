namespace Maintenance.Engine.Security;

/// <summary>Whether a check looks at one database or at the server they share.</summary>
internal enum SecurityScope
{
    Database = 0,
    Server,
}

/// <summary>What is said of a check, whatever it looks at.</summary>
/// <param name="Id">Stable identifier.</param>
/// <param name="Title">What is so where all is well, as a sentence without its full stop.</param>
/// <param name="Severity">How much it matters at most; a fault may matter less.</param>
internal abstract record CheckDescription(string Id, string Title, FindingSeverity Severity)
{
    public SecurityScope Scope { get; init; }

    /// <summary>What to do about a fault, unless the fault says otherwise.</summary>
    public required string Recommendation { get; init; }

    /// <summary>Sections of the CIS PostgreSQL 17 Benchmark.</summary>
    public IReadOnlyList<string> Cis { get; init; } = [];

    /// <summary>Articles of the GDPR.</summary>
    public IReadOnlyList<string> Gdpr { get; init; } = [];
}

/// <summary>One check of the catalogue: facts in, what is wrong out. It reads nothing itself.</summary>
/// <param name="Id">Stable identifier.</param>
/// <param name="Title">What is so where all is well, as a sentence without its full stop.</param>
/// <param name="Severity">How much it matters at most; a fault may matter less.</param>
/// <param name="Evaluate">Judges.</param>
internal sealed record SecurityCheck(string Id, string Title, FindingSeverity Severity, Func<AuditFacts, CheckResult> Evaluate) : CheckDescription(Id, Title, Severity);

/// <summary>One thing that is wrong.</summary>
/// <param name="Subject">The thing, quoted by the server.</param>
/// <param name="Message">One sentence that names it.</param>
internal sealed record Fault(string Subject, string Message)
{
    public IReadOnlyDictionary<string, object?> Evidence { get; init; } = new Dictionary<string, object?>();

    public string? FixSql { get; init; }

    /// <summary>If it matters less than the check says.</summary>
    public FindingSeverity? Severity { get; init; }

    public string? Recommendation { get; init; }
}

/// <summary>What this role may not see.</summary>
/// <param name="What">The thing, after "may not read".</param>
/// <param name="Grant">The statement that allows it; null where none does.</param>
/// <param name="Advice">What else to know before running it, or what to do instead.</param>
internal sealed record Denial(string What, string? Grant, string? Advice = null);

/// <summary>What a check came to.</summary>
internal sealed record CheckResult
{
    public IReadOnlyList<Fault> Faults { get; init; } = [];

    /// <summary>How many things were looked at; null if that is no number.</summary>
    public int? Examined { get; init; }

    /// <summary>What it could not see, whatever else it found.</summary>
    public Denial? Denied { get; init; }

    /// <summary>Why only a person can tell.</summary>
    public string? Manual { get; init; }

    /// <summary>Why it could not be told, if no grant would help.</summary>
    public string? Unknown { get; init; }

    /// <summary>What else is to be said where nothing is wrong.</summary>
    public string? Note { get; init; }

    public static CheckResult Of(int examined, IEnumerable<Fault> faults) => new() { Examined = examined, Faults = [.. faults] };

    public static CheckResult Of(IEnumerable<Fault> faults) => new() { Faults = [.. faults] };

    public static CheckResult NotPermitted(string what, string grant, string? advice = null) => new() { Denied = new Denial(what, grant, advice) };

    public static CheckResult NothingToCheck(string note) => new() { Examined = 0, Note = note };
}
