namespace Maintenance.Engine.Retention;

/// <summary>
/// The statements of a policy. Their names were quoted by the server, times are parameters, and the legal hold, the one text of a user
/// in them, was read as one closed expression before (<see cref="HoldPredicate"/>). Pure.
/// </summary>
/// <remarks>
/// Parameters are text, cast to the time column's type: $1 the first time of a range, $2 the end of it, which does not belong to it.
/// The table has no other name in them, so that a hold may call its columns by it. What takes rows is made by <see cref="BatchStatements"/>.
/// </remarks>
internal sealed class RetentionStatements
{
    /// <summary>What Anonymise writes over text (AnonymiseMethod.Redact).</summary>
    public const string Redacted = "[redacted]";

    /// <summary>How a pseudonym begins.</summary>
    public const string PseudonymPrefix = "anon:";

    private const int PseudonymDigits = 32;

    private readonly RetentionPolicy _policy;
    private readonly PolicyFacts _facts;

    /// <param name="policy">The policy.</param>
    /// <param name="facts">Its table.</param>
    /// <param name="verify">Whether each batch proves what it did.</param>
    public RetentionStatements(RetentionPolicy policy, PolicyFacts facts, bool verify = false)
    {
        _policy = policy;
        _facts = facts;
        TimeType = facts.Time!.Kind switch
        {
            TimeKind.Moment => "timestamptz",
            TimeKind.WallClock => "timestamp",
            _ => "date",
        };
        Time = facts.Time.QuotedName;
        Table = facts.Table.QuotedName;
        // Nothing is stored of a generated column: it is computed from the others again. An archive keeps its value.
        Columns = string.Join(", ", facts.Table.Columns.Select(column => column.QuotedName));
        NotHeld = policy.LegalHold is { } hold ? $" AND ({hold}\n) IS NOT TRUE" : "";
        Overwritten = policy.Action == RetentionAction.Anonymise ? [.. Anonymised()] : [];
        NotDone = Overwritten.Count == 0 ? "" : $" AND ({Needed})";
        Batches = new BatchStatements(this, policy.Action, facts, verify);
    }

    /// <summary>The statements that take rows where they lie; not for those that go to a store.</summary>
    public BatchStatements Batches { get; }

    /// <summary>What anonymising assigns, and what tells that a column of a row still needs it.</summary>
    public IReadOnlyList<(string Set, string Needed)> Overwritten { get; }

    /// <summary>Whether a row still needs to be anonymised.</summary>
    public string Needed => string.Join(" OR ", Overwritten.Select(column => column.Needed));

    /// <summary>How many characters Anonymise writes.</summary>
    public static int LengthOf(AnonymiseMethod method) => method == AnonymiseMethod.Redact ? Redacted.Length : PseudonymPrefix.Length + PseudonymDigits;

    /// <summary>The table.</summary>
    public string Table { get; }

    /// <summary>The time column.</summary>
    public string Time { get; }

    /// <summary>The type that times are cast to.</summary>
    public string TimeType { get; }

    /// <summary>All columns, divided by commas.</summary>
    public string Columns { get; }

    /// <summary><c> AND …</c> for rows without a hold; empty without one.</summary>
    public string NotHeld { get; }

    /// <summary><c> AND …</c> for rows that are not anonymised yet; empty for other actions.</summary>
    public string NotDone { get; }

    /// <summary>How many rows are due, how many of those a hold keeps, and the oldest of those due. $1 the cut-off</summary>
    public string Count =>
        $"SELECT count(*) FILTER (WHERE TRUE{NotHeld}), count(*) FILTER (WHERE NOT (TRUE{NotHeld})), (min({Time}) FILTER (WHERE TRUE{NotHeld}))::text, (extract(epoch FROM min({Time}) FILTER (WHERE TRUE{NotHeld})) * 1000000)::bigint\nFROM {Table}\nWHERE {Time} > '-infinity' AND {Time} < $1::{TimeType}{NotDone}";

    /// <summary>How many rows are still due. $1 the cut-off</summary>
    public string CountLeft => $"SELECT count(*) FROM {Table} WHERE {Time} > '-infinity' AND {Time} < $1::{TimeType}{NotHeld}{NotDone}";

    /// <summary>Looks at the hold, and at no row.</summary>
    public string TryHold => $"SELECT FROM {Table} WHERE TRUE{NotHeld} LIMIT 0";

    /// <summary>How many rows have no age. Each part can be read from an index.</summary>
    public string CountWithoutAge =>
        $"SELECT (SELECT count(*) FROM {Table} WHERE {Time} IS NULL) + (SELECT count(*) FROM {Table} WHERE {Time} = 'infinity') + (SELECT count(*) FROM {Table} WHERE {Time} = '-infinity')";

    /// <summary>The statement that runs once for each batch.</summary>
    public string Batch => _facts.TimeIndexes.Count > 0 ? Batches.Range : Batches.Blocks;

    // $4 is the secret of the run, from which pseudonyms are made. What is null tells of nobody, and stays null.
    private IEnumerable<(string Set, string Needed)> Anonymised() =>
        _policy.Anonymise
            .Select(pair => (Column: _facts.Table.Columns.First(column => column.Name == pair.Key), Method: pair.Value))
            .Select(pair => pair.Method switch
            {
                AnonymiseMethod.Null => ($"{pair.Column.QuotedName} = NULL", $"{pair.Column.QuotedName} IS NOT NULL"),
                AnonymiseMethod.Redact => ($"{pair.Column.QuotedName} = CASE WHEN {pair.Column.QuotedName} IS NOT NULL THEN '{Redacted}' END", $"{pair.Column.QuotedName} <> '{Redacted}'"),
                _ => (
                    $"{pair.Column.QuotedName} = CASE WHEN {pair.Column.QuotedName} ~ '{PseudonymPattern}' THEN {pair.Column.QuotedName} ELSE '{PseudonymPrefix}' || substr(encode(sha256(convert_to($4::text || {pair.Column.QuotedName}::text, 'UTF8')), 'hex'), 1, {PseudonymDigits}) END",
                    $"{pair.Column.QuotedName} !~ '{PseudonymPattern}'"),
            });

    private static string PseudonymPattern => $"^{PseudonymPrefix}[0-9a-f]{{{PseudonymDigits}}}$";
}
