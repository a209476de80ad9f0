namespace Maintenance;

/// <summary>Something worth a person's attention. Every check, audit and adviser returns this one type.</summary>
public sealed record Finding
{
    /// <summary>Stable identifier of the kind of finding, for example <c>DB-CONNECTIONS-HIGH</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The area of the system: Database, Backup, Functions, Security, ...</summary>
    public required string Area { get; init; }

    /// <summary>How much it matters.</summary>
    public required FindingSeverity Severity { get; init; }

    /// <summary>What the check came to; a finding is a failed check unless it says otherwise.</summary>
    public FindingOutcome Outcome { get; init; } = FindingOutcome.Fail;

    /// <summary>The thing it is about: an object, a role, a function, a file.</summary>
    public string? Subject { get; init; }

    /// <summary>One sentence: what is wrong, with the figure that shows it.</summary>
    public required string Message { get; init; }

    /// <summary>The measured facts behind the message. No personal data, no secrets.</summary>
    public IReadOnlyDictionary<string, object?> Evidence { get; init => field = Readable.Copy(value); } = Readable.Copy(new Dictionary<string, object?>());

    /// <summary>What to do next.</summary>
    public string? Recommendation { get; init; }

    /// <summary>What <c>Repair-SystemIssue</c> can do about it, where there is anything.</summary>
    public Remedy? Remedy { get; init; }

    /// <summary>Statements for a person to read and run that would mend it, names quoted by the server; null where there is none. Nothing runs them by itself.</summary>
    public string? FixSql { get; init; }

    /// <summary>Where standards and laws ask for this.</summary>
    public IReadOnlyList<FindingMapping> Mappings { get; init => field = Readable.Copy(value); } = Readable.List<FindingMapping>.Empty;

    /// <summary>Name of the maintained system.</summary>
    public string? Target { get; init; }

    /// <summary>The database it was found in; null if it belongs to no database, or to the whole server.</summary>
    public string? Database { get; init; }

    /// <summary>
    /// What was looked at as a whole: the database unless said otherwise, or what a scanner read. A finding of an earlier time is fixed only
    /// when the same check looked at the same scope and does not tell of it any more.
    /// </summary>
    public string? Scope { get => field ?? Database; init; }

    /// <summary>What makes it the same finding the next time: made of id, scope and subject, never of its words, unless a scanner brings its own.</summary>
    public string Fingerprint { get => field ?? FindingFingerprint.Of(Id, Scope, Subject); init; }

    /// <summary>Where it stands against what was found before. Untracked where it was not compared.</summary>
    public FindingState State { get; init; }

    /// <summary>When it was found first (UTC), if it was compared.</summary>
    public DateTimeOffset? FirstSeenAt { get; init; }

    /// <summary>Who accepted it, until when and why. It counts while <see cref="State"/> is Accepted; after its last day it only tells that it is over.</summary>
    public FindingAcceptance? Acceptance { get; init; }

    /// <summary>When it was found (UTC).</summary>
    public DateTimeOffset CollectedAt { get; init; }

    /// <summary>The verdict this finding amounts to. The one place where severity becomes status.</summary>
    public HealthStatus Status => State is FindingState.Accepted or FindingState.Fixed ? HealthStatus.Ok : Outcome switch
    {
        FindingOutcome.Pass => HealthStatus.Ok,
        FindingOutcome.NotPermitted or FindingOutcome.Unknown or FindingOutcome.Manual => HealthStatus.Unknown,
        _ => Severity switch
        {
            FindingSeverity.Critical or FindingSeverity.High => HealthStatus.Critical,
            FindingSeverity.Medium or FindingSeverity.Low => HealthStatus.Warning,
            _ => HealthStatus.Ok,
        },
    };

    /// <summary>The word to show for it: how much it matters if it was measured, else why it was not.</summary>
    public string Verdict() => State is FindingState.Accepted or FindingState.Fixed ? State.ToString() : Outcome == FindingOutcome.Fail ? Severity.ToString() : Outcome.ToString();

    /// <inheritdoc/>
    public override string ToString() => $"{Id}: {Message}";
}
