using Maintenance.Engine.Database;

namespace Maintenance.Engine.Performance.Planning;

/// <summary>
/// Whether a statement of somebody else may be planned. Planning runs code with the rights of the one who plans: it computes calls of constants, and
/// compares with statistics, in the statement and in whatever it leads to (views, policies, index expressions, constraints, defaults, casts,
/// partitions). A transaction that only reads does not hold such code back. So what belongs neither to a superuser nor to the connected
/// role is not to be reached, by name. Everything that plans asks here.
/// </summary>
/// <remarks>
/// It is asked when the statement has been prepared, in the same transaction: then its names have been looked up, no code of it has run, and
/// its tables and views are locked against being redefined.
/// </remarks>
internal sealed class PlanningGuard(DatabaseSession session)
{
    // These run queries that nothing names, and are not volatile.
    private static readonly string[] RunQueries =
    [
        "table_to_xml", "table_to_xml_and_xmlschema", "schema_to_xml", "schema_to_xml_and_xmlschema", "database_to_xml", "database_to_xml_and_xmlschema",
        "pg_input_is_valid", "pg_input_error_info", "crosstab", "crosstab2", "crosstab3", "crosstab4", "crosstabn", "connectby", "xpath_table",
    ];

    private string? _stamp;
    private PlanningHazards _hazards = PlanningHazards.None;

    /// <summary>Asks whether a prepared statement may be planned, whatever the search path is; afterwards it is the given one.</summary>
    /// <param name="text">The statement.</param>
    /// <param name="searchPath">Where it finds names.</param>
    /// <param name="cancellationToken">Cancels on the server too.</param>
    /// <returns>Why it may not, as the end of a sentence; null if it may.</returns>
    public async Task<string?> WhyNotAsync(string text, string searchPath, CancellationToken cancellationToken)
    {
        // What is asked here must not find names of others.
        await SearchAsync("pg_catalog", cancellationToken);
        try
        {
            await RefreshAsync(cancellationToken);
        }
        catch (MaintenanceException exception) when (exception.Code == MaintenanceErrorCode.StatementTimeout)
        {
            return "it takes too long to find out whose functions planning it would run";
        }

        if (Why(text) is { } why)
        {
            return why;
        }

        await SearchAsync(searchPath, cancellationToken);
        return null;
    }

    /// <summary>Sets where names are looked for until the end of the transaction.</summary>
    public Task SearchAsync(string searchPath, CancellationToken cancellationToken) =>
        session.QueryAsync("Performance/Planning/Sql/SearchPath.sql", _ => true, cancellationToken, searchPath);

    private string? Why(string text)
    {
        var said = new StatementNames(text);
        if (RunQueries.FirstOrDefault(said.MayName) is { } runs)
        {
            return $"it may call {runs}, which runs what others have defined, with our rights";
        }

        return _hazards.In(text) switch
        {
            null => null,
            (null, var code) => $"it writes names with escapes (U&), which may hide {code.What}: that belongs to the role {code.Owner}, and planning would run it with our rights",
            ({ } name, var code) when name.Object == code.Object => $"it may use {code.What}, which belongs to the role {code.Owner}: planning would run it with our rights",
            ({ } name, var code) => $"it may use {name.Label}, which leads to {code.What}: that belongs to the role {code.Owner}, and planning would run it with our rights",
        };
    }

    private async Task RefreshAsync(CancellationToken cancellationToken)
    {
        var stamp = (await session.QueryAsync("Performance/Planning/Sql/CatalogueStamp.sql", row => row.GetString(0), cancellationToken))[0];
        if (stamp != _stamp)
        {
            _stamp = null;
            _hazards = await ReadAsync(cancellationToken);
            _stamp = stamp;
        }
    }

    private async Task<PlanningHazards> ReadAsync(CancellationToken cancellationToken)
    {
        var code = await session.QueryAsync(
            "Performance/Planning/Sql/ForeignCode.sql", row => new ForeignCode(Object(row, 0), row.GetString(2), row.GetString(3)), cancellationToken, (object)RunQueries);
        if (code.Count == 0)
        {
            return PlanningHazards.None;
        }

        var users = (await session.QueryAsync("Performance/Planning/Sql/PlanningDependencies.sql", row => (User: Object(row, 0), Used: Object(row, 2)), cancellationToken))
            .ToLookup(edge => edge.Used, edge => edge.User);
        var bodies = await session.QueryAsync("Performance/Planning/Sql/FunctionBodies.sql", row => (Object: Object(row, 0), Text: row.GetString(2)), cancellationToken);
        var seeds = code.Select(one => (At: one.Object, Code: one)).ToList();
        while (true)
        {
            var reached = PlanningHazards.Reach(seeds, users);
            var names = await session.QueryAsync(
                "Performance/Planning/Sql/PlanningNames.sql",
                row => new PlannedName(Object(row, 0), row.GetString(2), row.GetBoolean(3), row.GetString(4)),
                cancellationToken,
                reached.Keys.Select(one => one.Class).ToArray(),
                reached.Keys.Select(one => one.Oid).ToArray());
            var hazards = new PlanningHazards([.. names.Select(name => (name, reached[name.Object]))]);
            // A body that is text is found out only when it runs.
            var more = bodies.Where(body => !reached.ContainsKey(body.Object)).Select(body => (body.Object, Found: hazards.In(body.Text)))
                .Where(body => body.Found is not null)
                .Select(body => (body.Object, body.Found!.Value.Code))
                .ToList();
            if (more.Count == 0)
            {
                return hazards;
            }

            seeds.AddRange(more);
        }
    }

    private static CatalogueObject Object(Npgsql.NpgsqlDataReader row, int column) => new(row.GetInt64(column), row.GetInt64(column + 1));
}
