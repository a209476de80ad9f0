namespace Maintenance.Engine.Security.PersonalData;

/// <summary>How a table is reached from the table of people.</summary>
/// <param name="Path">The way, table by table, quoted by the server.</param>
/// <param name="IsDeleted">Deleting the person deletes the row.</param>
internal sealed record SubjectRoute(string Path, bool IsDeleted);

/// <summary>
/// Foreign keys, followed from the table of people: first to the tables that name it, and those that name them, then to what all of these name
/// in turn (an order's address). From there no further to others that name it: that would be other people's. Pure.
/// </summary>
internal static class SubjectGraph
{
    public static IReadOnlyDictionary<long, SubjectRoute> From(long subject, string quoted, IReadOnlyList<ForeignKeyFacts> keys)
    {
        var routes = new Dictionary<long, SubjectRoute> { [subject] = new(quoted, true) };
        Walk(routes, keys.ToLookup(key => key.References), key => key.Table, (key, before) => new SubjectRoute(
            $"{before.Path} <- {key.Columns}",
            before.IsDeleted && key.OnDelete == 'c'));
        Walk(routes, keys.ToLookup(key => key.Table), key => key.References, (key, before) => new SubjectRoute($"{before.Path}, {key.Columns} -> {key.Referenced}", false));
        return routes;
    }

    // Breadth first; of several ways as long the one by which the row goes with the person.
    private static void Walk(Dictionary<long, SubjectRoute> routes, ILookup<long, ForeignKeyFacts> keys, Func<ForeignKeyFacts, long> next, Func<ForeignKeyFacts, SubjectRoute, SubjectRoute> step)
    {
        var queue = new Queue<long>(routes.Keys);
        while (queue.TryDequeue(out var table))
        {
            foreach (var key in keys[table].OrderByDescending(key => key.OnDelete == 'c').ThenBy(key => key.Columns, StringComparer.Ordinal))
            {
                if (routes.TryAdd(next(key), step(key, routes[table])))
                {
                    queue.Enqueue(next(key));
                }
                else if (routes[next(key)] is { IsDeleted: false } && step(key, routes[table]) is { IsDeleted: true } better)
                {
                    routes[next(key)] = better;
                    queue.Enqueue(next(key));
                }
            }
        }
    }
}
