namespace Maintenance;

/// <summary>What happens to rows past their age.</summary>
public enum RetentionAction
{
    /// <summary>They are deleted.</summary>
    Delete = 0,

    /// <summary>They move to another table of the same database.</summary>
    ArchiveToTable,

    /// <summary>They move to files in the target's archive store, a folder or a blob container, from where Restore-DbArchive brings them back.</summary>
    ArchiveToBlob,

    /// <summary>They stay, without what tells of a person: the columns named in <see cref="RetentionPolicy.Anonymise"/> are overwritten.</summary>
    Anonymise,
}

/// <summary>What a column is overwritten with.</summary>
public enum AnonymiseMethod
{
    /// <summary>Null.</summary>
    Null = 0,

    /// <summary>The text <c>[redacted]</c>; for columns of text.</summary>
    Redact,

    /// <summary>
    /// A pseudonym, <c>anon:</c> and 32 hexadecimal digits; for columns of text. The same value gets the same pseudonym within one run,
    /// from a secret that is made for the run and kept nowhere, so nobody can find out afterwards what it was.
    /// </summary>
    Pseudonym,
}

/// <summary>How long the rows of a table are kept, and what happens to them then.</summary>
/// <remarks>
/// The cut-off of a run is taken once, from the server's clock, and stays the same for all of it. A row is past its age if the whole
/// moment that its time column can mean lies before the cut-off; rows whose time is null or infinite have no age and are never touched.
/// </remarks>
public sealed record RetentionPolicy
{
    /// <summary>How long one batch may take unless the policy says otherwise. Ours: below what anybody who waits for a row would notice.</summary>
    public static readonly TimeSpan DefaultBatchTarget = TimeSpan.FromMilliseconds(30);

    private static readonly IReadOnlyDictionary<string, AnonymiseMethod> Nothing = Readable.Copy(new Dictionary<string, AnonymiseMethod>());

    /// <summary>The table, schema-qualified or found in <c>public</c>. Names are taken as they are written.</summary>
    public required string Table { get; init; }

    /// <summary>The column that tells a row's age: timestamptz, timestamp or date.</summary>
    public required string TimeColumn { get; init; }

    /// <summary>Rows older than this are due.</summary>
    public required TimeSpan Age { get; init; }

    /// <summary>What happens to them. Default: deleted.</summary>
    public RetentionAction Action { get; init; }

    /// <summary>
    /// Where they go: for ArchiveToTable the table; for ArchiveToBlob a folder in the archive store, by default one named after the
    /// table, <c>schema.table</c>.
    /// </summary>
    public string? Destination { get; init; }

    /// <summary>
    /// Rows for which this SQL condition is true are never touched, such as <c>user_id IN (SELECT user_id FROM public.legal_holds)</c>.
    /// It is looked at again in the statement that would take the row. Tables in it need their schema. Default: none.
    /// </summary>
    public string? LegalHold { get; init; }

    /// <summary>For Anonymise: what each column is overwritten with.</summary>
    public IReadOnlyDictionary<string, AnonymiseMethod> Anonymise { get; init => field = Readable.Copy(value); } = Nothing;

    /// <summary>
    /// How long one batch, which is one transaction, may take: its size adapts to it. Null for <see cref="DefaultBatchTarget"/>, 30 ms.
    /// </summary>
    public TimeSpan? BatchTarget { get; init; }

    /// <summary>Policies with a lower number run first, those with the same in the order in which they are listed. Default 0.</summary>
    public int Order { get; init; }

    /// <summary>
    /// For a time column without a zone (timestamp, date): the zone that its times are meant in, as an IANA name. Default: UTC.
    /// </summary>
    public string TimeZone { get; init; } = "UTC";

    /// <inheritdoc/>
    public override string ToString() => $"{Table}: {Action} after {Age.TotalDays:0.##} days";
}
