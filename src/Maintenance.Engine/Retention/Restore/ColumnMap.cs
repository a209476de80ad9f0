namespace Maintenance.Engine.Retention;

/// <summary>How a value gets from one type into another.</summary>
internal enum ValueCast
{
    /// <summary>The types are the same.</summary>
    None = 0,

    /// <summary>The server does it when a value is stored, and refuses what does not fit.</summary>
    Assignment,

    /// <summary>From text, when asked for; what cannot be read is refused.</summary>
    FromText,

    /// <summary>Through text, as from one enumeration into another.</summary>
    ThroughText,

    /// <summary>There is no way.</summary>
    Impossible,
}

/// <summary>A column of an archive: of a table, or of a file as it lies in a temporary table.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Expression">How a statement calls it, quoted by the server or a word of ours.</param>
/// <param name="Type">Its type, as the server names it.</param>
/// <param name="TypeOid">Its type; that of text for one that does not exist any more.</param>
/// <param name="TypeModifier">Its modifier; null if it is not known.</param>
/// <param name="IsStamp">It was set when the row was archived, and never belonged to it.</param>
internal sealed record SourceColumn(string Name, string Expression, string Type, long TypeOid, int? TypeModifier, bool IsStamp = false);

/// <summary>A column that comes back.</summary>
internal sealed record MappedColumn(SourceColumn From, ColumnFacts To, ValueCast Cast)
{
    /// <summary>The value as it is given to the column, which makes it fit its own type.</summary>
    public string Value(string of = "") => Cast switch
    {
        ValueCast.FromText => $"{of}{From.Expression}::{BaseType}",
        ValueCast.ThroughText => $"{of}{From.Expression}::text::{BaseType}",
        _ => of + From.Expression,
    };

    /// <summary>The value as the column will hold it.</summary>
    public string Stored(string of = "") => Cast == ValueCast.None ? of + From.Expression : $"({Value(of)})::{To.Type}";

    // Without its modifier: an explicit cast into varchar(5) would cut what does not fit, where storing it says so.
    // And bit alone means one of them.
    private string BaseType => To.TypeModifier == -1 ? To.Type
        : To.Type.StartsWith("bit(", StringComparison.Ordinal) ? "bit varying"
        : To.Type[..To.Type.IndexOf('(', StringComparison.Ordinal)] + To.Type[(To.Type.IndexOf(')', StringComparison.Ordinal) + 1)..];

    public override string ToString() =>
        From.Name == To.Name && Cast == ValueCast.None ? From.Name
        : From.Name == To.Name ? $"{From.Name} ({From.Type} → {To.Type})"
        : Cast == ValueCast.None ? $"{From.Name} → {To.Name}"
        : $"{From.Name} ({From.Type}) → {To.Name} ({To.Type})";
}

/// <summary>Which column of an archive comes back into which of a table. Pure.</summary>
internal sealed record ColumnMap
{
    public IReadOnlyList<MappedColumn> Columns { get; init; } = [];

    /// <summary>Archived columns that do not come back.</summary>
    public IReadOnlyList<string> LeftOut { get; init; } = [];

    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Maps by name, or by the name that the caller says a column has by now.</summary>
    /// <param name="source">What the archive is called, in messages.</param>
    /// <param name="columns">Its columns.</param>
    /// <param name="destination">The table.</param>
    /// <param name="casts">How values get from one type into another.</param>
    /// <param name="renamed">Archived names, each with that of the destination.</param>
    /// <param name="ignored">Archived columns whose values need not come back.</param>
    /// <exception cref="MaintenanceException">InvalidArgument for a name that nothing has, DestinationUnfit for a column with nowhere to go.</exception>
    public static ColumnMap Of(
        string source,
        IReadOnlyList<SourceColumn> columns,
        TableFacts destination,
        IReadOnlyDictionary<(long From, long To), ValueCast> casts,
        IReadOnlyDictionary<string, string> renamed,
        IReadOnlyCollection<string> ignored)
    {
        CheckNames(source, columns, destination, renamed, ignored);
        var (mapped, leftOut, notes) = (new List<MappedColumn>(), new List<string>(), new List<string>());
        var byName = destination.Columns.ToDictionary(column => column.Name);
        var homeless = new List<SourceColumn>();
        foreach (var column in columns)
        {
            if (ignored.Contains(column.Name))
            {
                leftOut.Add(column.Name);
            }
            else if (!byName.TryGetValue(renamed.GetValueOrDefault(column.Name, column.Name), out var to))
            {
                (column.IsStamp ? [] : homeless).Add(column);
                leftOut.Add(column.Name);
            }
            else if (to.IsGenerated)
            {
                notes.Add($"{to.Name} is generated from other columns and is computed anew.");
                leftOut.Add(column.Name);
            }
            else
            {
                mapped.Add(new MappedColumn(column, to, CastOf(column, to, casts)));
            }
        }

        Refuse(source, homeless, destination, mapped);
        if (columns.Where(column => column.IsStamp && leftOut.Contains(column.Name) && !ignored.Contains(column.Name)).Select(column => column.Name).ToList() is { Count: > 0 } stamps)
        {
            notes.Add($"{string.Join(", ", stamps)} tells when a row was archived, and goes.");
        }

        if (mapped.Where(column => column.Cast != ValueCast.None).ToList() is { Count: > 0 } changed)
        {
            notes.Add($"Values pass into another type, which may round them: {string.Join(", ", changed)}.");
        }

        return new ColumnMap { Columns = mapped, LeftOut = leftOut, Notes = notes };
    }

    private static void CheckNames(
        string source, IReadOnlyList<SourceColumn> columns, TableFacts destination, IReadOnlyDictionary<string, string> renamed, IReadOnlyCollection<string> ignored)
    {
        if (renamed.Keys.Concat(ignored).FirstOrDefault(name => columns.All(column => column.Name != name)) is { } unknown)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.InvalidArgument, $"{source} has no column {unknown}.", $"Its columns are: {Names(columns.Select(column => column.Name))}.");
        }

        if (renamed.Values.FirstOrDefault(name => destination.Columns.All(column => column.Name != name)) is { } missing)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.InvalidArgument,
                $"{destination.QuotedName} has no column {missing}, which -ColumnMap names.",
                $"Its columns are: {Names(destination.Columns.Select(column => column.Name))}.");
        }

        if (columns.Where(column => !ignored.Contains(column.Name)).GroupBy(column => renamed.GetValueOrDefault(column.Name, column.Name)).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.InvalidArgument,
                $"Two archived columns would come back into {twice.Key}: {string.Join(" and ", twice.Select(column => column.Name))}.",
                "Leave one of them out with -IgnoreColumn, or map it elsewhere.");
        }
    }

    private static void Refuse(string source, List<SourceColumn> homeless, TableFacts destination, List<MappedColumn> mapped)
    {
        var table = destination.QuotedName;
        if (homeless.Count > 0)
        {
            var names = string.Join(", ", homeless.Select(column => column.Name));
            throw Unfit(
                $"{table} has no column for these of {source}: {names}.",
                $"Say what it is called now with -ColumnMap @{{ {homeless[0].Name} = '…' }}, leave it out with -IgnoreColumn {names}, or add it to the table: its type was {string.Join(", ", homeless.Select(column => column.Type))}.");
        }

        if (mapped.Where(column => column.Cast == ValueCast.Impossible).ToList() is { Count: > 0 } impossible)
        {
            throw Unfit(
                $"Nothing turns the archived values into the types that {table} has now: {string.Join(", ", impossible)}.",
                $"Restore into a table of the old types with -Destination, or leave them out with -IgnoreColumn {string.Join(", ", impossible.Select(column => column.From.Name))}.");
        }

        if (destination.Columns
            .Where(column => column is { IsNotNull: true, HasDefault: false, IsGenerated: false } && mapped.All(other => other.To.Name != column.Name))
            .ToList() is { Count: > 0 } unfilled)
        {
            throw Unfit(
                $"{table} has NOT NULL column(s) without a default that the archive does not fill: {string.Join(", ", unfilled.Select(column => column.Name))}.",
                $"ALTER TABLE {table} {string.Join(", ", unfilled.Select(column => $"ALTER COLUMN {column.QuotedName} DROP NOT NULL"))}; or SET DEFAULT something.");
        }

        if (mapped.Count == 0)
        {
            throw Unfit($"No column of {source} comes back into {table}.", "Name the table that the rows belong to with -Destination.");
        }
    }

    private static ValueCast CastOf(SourceColumn from, ColumnFacts to, IReadOnlyDictionary<(long From, long To), ValueCast> casts) =>
        from.TypeOid != to.TypeOid ? casts.GetValueOrDefault((from.TypeOid, to.TypeOid), ValueCast.Impossible)
        // A modifier that is not known may have been wider.
        : to.TypeModifier == -1 || from.TypeModifier == to.TypeModifier || (from.TypeModifier is null && from.Type == to.Type) ? ValueCast.None
        : ValueCast.Assignment;

    private static string Names(IEnumerable<string> names) => string.Join(", ", names.Take(30));

    private static MaintenanceException Unfit(string message, string recommendation) => new(MaintenanceErrorCode.DestinationUnfit, message, recommendation);
}
