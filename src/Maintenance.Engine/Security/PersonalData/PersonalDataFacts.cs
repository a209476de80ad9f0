namespace Maintenance.Engine.Security.PersonalData;

/// <summary>A table, materialized view or foreign table, as far as looking for personal data needs it.</summary>
internal sealed record PersonalRelation(long Oid, string Schema, string Name, string Quoted, char Kind, bool IsUsable, bool IsReadable, bool HidesRows, string Grant, bool IsOurs = false)
{
    /// <summary>Its rows are on another server.</summary>
    public bool IsForeign => Kind == 'f';
}

/// <summary>A column.</summary>
/// <param name="Relation">Its relation.</param>
/// <param name="Number">Its number.</param>
/// <param name="Name">Its name.</param>
/// <param name="Quoted">Its name for a statement.</param>
/// <param name="DataType">Its type as declared.</param>
/// <param name="TypeName">The type's own name: a domain's where it is one.</param>
/// <param name="BaseType">The name of the type below.</param>
/// <param name="Kind">t text, x XML, n number, i network address, j JSON, a array of texts, c composite or list of something else, r read as the server writes it, d time, b binary, o other.</param>
/// <param name="IsReadable">This role may read it.</param>
/// <param name="Comment">Its comment.</param>
/// <param name="Grant">The statement that lets this role read it.</param>
/// <param name="IsVirtual">It is computed when it is read.</param>
internal sealed record PersonalColumn(
    long Relation, short Number, string Name, string Quoted, string DataType, string TypeName, string BaseType, char Kind, bool IsReadable, string? Comment, string Grant, bool IsVirtual = false)
{
    /// <summary>Its values can be looked at, by a validator of some kind.</summary>
    public bool CanBeSampled => Kind != 'o' && Closed is null;

    /// <summary>Why nobody looks into it although it could hold something; null for none. An expression may fail on a value, and the server writes that to its log.</summary>
    public string? Closed => IsVirtual ? "It is computed when it is read, by an expression that may fail on a value: it was not run." : Kind == 'b' ? "Its values are binary." : null;
}

/// <summary>A foreign key, from the table that has it to the one it names.</summary>
internal sealed record ForeignKeyFacts(long Table, long References, string Columns, string Referenced, char OnDelete);

/// <summary>How many rows of a column's sample passed which validator.</summary>
internal sealed record ColumnSample(long Rows, long Values)
{
    /// <summary>Values that were not looked at in whole: too large, too long, or lists too long.</summary>
    public long Cut { get; init; }

    public long Email { get; init; }

    public long EmailInside { get; init; }

    public long Card { get; init; }

    public long CardInside { get; init; }

    /// <summary>Rows with a number that begins as a card's and is as long: a tenth of those passes Luhn by chance.</summary>
    public long CardShape { get; init; }

    /// <summary>Different card numbers.</summary>
    public long CardNumbers { get; init; }

    /// <summary>Different numbers that begin as a card's and are as long.</summary>
    public long CardShapes { get; init; }

    public long Iban { get; init; }

    public long IbanInside { get; init; }

    public long Ip { get; init; }

    public long IpInside { get; init; }

    public long Phone { get; init; }

    /// <summary>Digits that could be a number in some country, which counts only where a name says so.</summary>
    public long PhoneLike { get; init; }

    public long NationalId { get; init; }

    public long BirthDate { get; init; }

    public long Secret { get; init; }

    /// <summary>Hashes, verifiers and ciphertexts.</summary>
    public long Digest { get; init; }

    /// <summary>Rows in whose JSON a key goes by a name that announces something.</summary>
    public IReadOnlyDictionary<PersonalDataCategory, long> Keys { get; init; } = new Dictionary<PersonalDataCategory, long>();
}

/// <summary>What came of looking into a table.</summary>
internal sealed record TableSample
{
    /// <summary>By column number.</summary>
    public IReadOnlyDictionary<short, ColumnSample> Columns { get; init; } = new Dictionary<short, ColumnSample>();

    /// <summary>Why nothing, or not everything, is known, as a sentence; null if all is well.</summary>
    public string? Reason { get; init; }

    /// <summary>Columns that were not looked into, by number, and why, as a sentence.</summary>
    public IReadOnlyDictionary<short, string> Unread { get; init; } = new Dictionary<short, string>();

    /// <summary>Another time it may go well.</summary>
    public bool IsPassing { get; init; }

    /// <summary>The grant that would help.</summary>
    public string? Grant { get; init; }

    /// <summary>Nothing was looked at although there was something to look at.</summary>
    public bool IsMissing { get; init; }

    /// <summary>It was not wanted, or cannot be: there is nothing to mend.</summary>
    public bool IsSkipped { get; init; }
}
