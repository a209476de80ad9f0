namespace Maintenance.Engine.Performance.Indexes;

/// <summary>What a condition asks of the term on its left.</summary>
internal enum ConditionKind
{
    /// <summary>Something that a b-tree cannot answer.</summary>
    Other = 0,

    /// <summary>Equal to one value.</summary>
    Equal,

    /// <summary>Equal to one of a list.</summary>
    AnyOf,

    /// <summary>Below or above a value.</summary>
    Range,
    IsNull,
    IsNotNull,
    IsTrue,
    IsFalse,

    /// <summary>One of several conditions; each is in <see cref="Condition.Arms"/>.</summary>
    Or,
}

/// <summary>A column, or an expression over columns of one relation.</summary>
/// <param name="Alias">The relation, as the plan calls it.</param>
/// <param name="Column">The column, unquoted; of an expression the only column in it, null for several.</param>
/// <param name="Sql">An expression without the relation's name; null for a plain column.</param>
/// <param name="Cast">The type that a plain column is cast to.</param>
internal sealed record Term(string Alias, string? Column, string? Sql, string? Cast)
{
    /// <summary>Names of the functions within an expression.</summary>
    public IReadOnlyList<string> Functions { get; init; } = [];

    /// <summary>Terms are the same if they name the same thing, whatever the relation is called.</summary>
    public string Identity => Sql ?? (Cast is null or "text" ? $"\"{Column}\"" : $"\"{Column}\"::{Cast}");
}

/// <summary>One condition of a plan.</summary>
/// <param name="Kind">What it asks.</param>
/// <param name="Left">The column or expression it asks about; null where there is none that an index could hold.</param>
/// <param name="Aliases">All relations that it mentions.</param>
internal sealed record Condition(ConditionKind Kind, Term? Left, IReadOnlySet<string> Aliases)
{
    /// <summary>Of an equality between columns of two relations: the other one.</summary>
    public Term? Right { get; init; }

    /// <summary>Values in a list; null if the server does not know either.</summary>
    public int? Values { get; init; }

    public IReadOnlyList<IReadOnlyList<Condition>> Arms { get; init; } = [];

    /// <summary>The condition as SQL without the relation's name, where it has no parameter and so could be that of a partial index.</summary>
    public string? Constant { get; init; }

    /// <summary>The same with its sides exchanged.</summary>
    public Condition? Flipped => Kind == ConditionKind.Equal && Right is not null ? this with { Left = Right, Right = Left } : null;
}

/// <summary>A comparison of a column or expression with parameters, or with what a subquery returned.</summary>
/// <param name="Term">The column or expression.</param>
/// <param name="Operator">The operator.</param>
/// <param name="Parameters">The numbers of the parameters. That of a subquery may look like one.</param>
internal sealed record ValueComparison(Term Term, string Operator, IReadOnlyList<int> Parameters)
{
    /// <summary>The column is on the right.</summary>
    public bool IsValueFirst { get; init; }

    /// <summary>The parameters are items of a list.</summary>
    public bool IsList { get; init; }

    /// <summary>The parameter is a list.</summary>
    public bool IsWholeList { get; init; }

    /// <summary>The subquery, as the plan calls it; null for parameters.</summary>
    public string? SubPlan { get; init; }
}

/// <summary>A key that a plan sorts by.</summary>
/// <param name="Term">What it sorts by; null where it is no column or expression of one relation.</param>
/// <param name="Descending">From the greatest down.</param>
/// <param name="NullsFirst">Nulls come first.</param>
internal sealed record SortKey(Term? Term, bool Descending, bool NullsFirst);
