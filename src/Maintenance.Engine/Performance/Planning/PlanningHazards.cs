namespace Maintenance.Engine.Performance.Planning;

/// <summary>An object of a catalogue.</summary>
/// <param name="Class">OID of its catalogue.</param>
/// <param name="Oid">Its OID there.</param>
internal readonly record struct CatalogueObject(long Class, long Oid);

/// <summary>Code that planning may run with our rights, and that neither a superuser nor we have written.</summary>
/// <param name="Object">What it belongs to.</param>
/// <param name="What">What it is, in words.</param>
/// <param name="Owner">The role that it belongs to, quoted.</param>
internal sealed record ForeignCode(CatalogueObject Object, string What, string Owner);

/// <summary>A name by which a statement comes upon an object.</summary>
/// <param name="Object">The object.</param>
/// <param name="Name">Its name without its schema, unquoted.</param>
/// <param name="IsOperator">It is an operator's symbol.</param>
/// <param name="Label">What it is, for people.</param>
internal sealed record PlannedName(CatalogueObject Object, string Name, bool IsOperator, string Label);

/// <summary>Names that lead to code of others, directly or through whatever planning looks into. Pure.</summary>
internal sealed class PlanningHazards(IReadOnlyList<(PlannedName Name, ForeignCode Code)> names)
{
    /// <summary>Nothing leads anywhere.</summary>
    public static PlanningHazards None { get; } = new([]);

    /// <summary>The objects from which code can be reached, each with one piece of it.</summary>
    /// <param name="code">The code, and what it is in.</param>
    /// <param name="users">What looks into an object.</param>
    public static Dictionary<CatalogueObject, ForeignCode> Reach(IEnumerable<(CatalogueObject At, ForeignCode Code)> code, ILookup<CatalogueObject, CatalogueObject> users)
    {
        var reached = new Dictionary<CatalogueObject, ForeignCode>();
        var next = new Queue<CatalogueObject>();
        foreach (var one in code.Where(one => reached.TryAdd(one.At, one.Code)))
        {
            next.Enqueue(one.At);
        }

        while (next.TryDequeue(out var at))
        {
            foreach (var user in users[at].Where(user => reached.TryAdd(user, reached[at])))
            {
                next.Enqueue(user);
            }
        }

        return reached;
    }

    /// <summary>Code that a text may run; null for none.</summary>
    /// <param name="text">A statement, or the body of a function.</param>
    public (PlannedName? Name, ForeignCode Code)? In(string text)
    {
        if (names.Count == 0)
        {
            return null;
        }

        var said = new StatementNames(text);
        foreach (var (name, code) in names)
        {
            if (said.HidesNames || (name.IsOperator ? said.MayUse(name.Name) : said.MayName(name.Name)))
            {
                return (said.HidesNames ? null : name, code);
            }
        }

        return null;
    }
}
