using Maintenance.Engine.Inspect;

namespace Maintenance.Completion;

/// <summary>Completes the names of tables in the database of the target that is named, or connected last.</summary>
public sealed class TableCompleter : NameCompleter
{
    internal override NameSearch? Search(NameRequest request) =>
        RelationChoices.Search(request, (names, target, call, token) => names.FindTablesAsync(target, request.Typed, call, token));
}

/// <summary>Completes the names of indexes in the database of the target that is named, or connected last.</summary>
public sealed class IndexCompleter : NameCompleter
{
    internal override NameSearch? Search(NameRequest request) =>
        RelationChoices.Search(request, (names, target, call, token) => names.FindIndexesAsync(target, request.Typed, call, token));
}

/// <summary>Completes the names of schemas in the database of the target that is named, or connected last.</summary>
public sealed class SchemaCompleter : NameCompleter
{
    internal override NameSearch? Search(NameRequest request) =>
        OfServer(request, (target, call, token) => request.Session.Engine.RelationNames.FindSchemasAsync(target, request.Typed, call, token));
}

/// <summary>Completes the names of columns of the table that is typed already, or of all.</summary>
public sealed class ColumnCompleter : NameCompleter
{
    internal override NameSearch? Search(NameRequest request) => RelationChoices.Columns(request, ofTime: false);
}

/// <summary>Completes the names of columns that hold a time, of the table that is typed already, or of all.</summary>
public sealed class TimeColumnCompleter : NameCompleter
{
    internal override NameSearch? Search(NameRequest request) => RelationChoices.Columns(request, ofTime: true);
}

/// <summary>Names of relations and their columns, from the server.</summary>
internal static class RelationChoices
{
    public delegate Task<IReadOnlyList<(string Schema, string Name)>> Finding(
        RelationNameService names, MaintenanceTarget target, CallContext call, CancellationToken cancellationToken);

    public static NameSearch? Search(NameRequest request, Finding find) =>
        request.Target is { Database: not null } target
            ? async (call, token) => Choices(request, await find(request.Session.Engine.RelationNames, target, call, token))
            : null;

    public static NameSearch? Columns(NameRequest request, bool ofTime)
    {
        var table = request.Bound["ArchiveTable"] ?? request.Bound["Table"];
        var name = (table as System.Collections.IList is { Count: > 0 } list ? list[0] : table)?.ToString();
        return request.Target is { Database: not null } target
            ? async (call, token) => (await request.Session.Engine.RelationNames.FindColumnsAsync(target, name, request.Typed, ofTime, call, token))
                .Select(column => new NameChoice(column.Name, $"{column.Name} {column.Type}"))
            : null;
    }

    // As short as it was begun: the name alone, unless the schema was typed, or several schemas have a relation of that name.
    private static IEnumerable<NameChoice> Choices(NameRequest request, IReadOnlyList<(string Schema, string Name)> found)
    {
        var alone = found.GroupBy(relation => relation.Name).Where(group => group.Count() == 1).Select(group => group.Key).ToHashSet();
        return found.Select(relation => new NameChoice(
            alone.Contains(relation.Name) && Part(relation.Name).Replace("\"", "", StringComparison.Ordinal).StartsWith(request.Typed, StringComparison.OrdinalIgnoreCase)
                ? Part(relation.Name) : $"{Part(relation.Schema)}.{Part(relation.Name)}",
            $"{relation.Schema}.{relation.Name}"));

        string Part(string name) => request.NamesRelation ? DbObjectReference.Quote(name) : name;
    }
}
