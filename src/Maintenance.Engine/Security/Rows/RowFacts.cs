namespace Maintenance.Engine.Security.Rows;

/// <summary>A relation whose rows may be tried.</summary>
/// <param name="Oid">Its identifier.</param>
/// <param name="Schema">Its schema.</param>
/// <param name="Name">Its name.</param>
/// <param name="Quoted">Both, quoted by the server.</param>
/// <param name="Kind">As in relkind.</param>
/// <param name="Owner">Who owns it.</param>
/// <param name="HasRowSecurity">Row security is on.</param>
/// <param name="IsForced">And holds for the owner too.</param>
/// <param name="IsPersonal">A column tells whose a row is.</param>
/// <param name="Text">The expressions of its policies, or its query.</param>
/// <param name="Uses">Functions and relations that those use.</param>
/// <param name="IsWanted">It lies where was asked for, and belongs to no extension.</param>
internal sealed record RowRelation(
    long Oid, string Schema, string Name, string Quoted, char Kind, string Owner, bool HasRowSecurity, bool IsForced, bool IsPersonal, string Text, IReadOnlyList<long> Uses, bool IsWanted);

/// <summary>A function that policies and views may call.</summary>
internal sealed record RowFunction(long Oid, string Name, string Language, bool IsTrusted, bool IsVolatile, string Text);

/// <summary>What the server answered to one command.</summary>
/// <param name="Rows">Rows reached.</param>
/// <param name="Of">Rows tried, where rows were copied.</param>
/// <param name="Code">The SQLSTATE, if it failed. Its words stay on the server: they may quote what is in a row.</param>
internal sealed record RowAnswer(long? Rows, long? Of, string? Code);

/// <summary>What came of one subject's attempts with one relation.</summary>
internal sealed record RowTrial
{
    /// <summary>Why a command was not tried: Denied, NotApplicable, or a reason.</summary>
    public IReadOnlyDictionary<RowCommand, string> Untried { get; init; } = new Dictionary<RowCommand, string>();

    public IReadOnlyDictionary<RowCommand, RowAnswer> Answers { get; init; } = new Dictionary<RowCommand, RowAnswer>();

    /// <summary>Rows there are, up to one more than the limit; null if this role does not see them all.</summary>
    public long? Total { get; init; }

    /// <summary>Why nothing could be told of commands that have no answer.</summary>
    public string? Failure { get; init; }
}
