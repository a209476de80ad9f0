using Maintenance.Engine.Database;
using Maintenance.Engine.Inspect;
using Npgsql;

namespace Maintenance.Engine.Performance.Indexes;

/// <summary>
/// Finds indexes that are not there and would help a workload: from generic plans, what is known of tables, and HypoPG where it is installed. It runs
/// none of the statements and changes nothing. The session is left in another search path.
/// </summary>
internal sealed class MissingIndexFinder(TimeProvider time)
{
    // The planner is asked about so many candidates; the estimate says which.
    private const int MostHypothetical = 60;


    /// <summary>The indexes that would help, the one that saves most first.</summary>
    public async Task<IReadOnlyList<MissingIndex>> FindAsync(
        DatabaseSession session, IReadOnlyList<WorkloadStatement> workload, MissingIndexOptions options, CancellationToken cancellationToken) =>
        (await SearchAsync(session, workload, options, cancellationToken)).Indexes;

    /// <summary>The same, with what could not be looked at.</summary>
    /// <param name="session">A session of its own, outside a transaction.</param>
    /// <param name="workload">The statements.</param>
    /// <param name="options">What is wanted.</param>
    /// <param name="cancellationToken">Cancels on the server too.</param>
    public async Task<MissingIndexSearch> SearchAsync(
        DatabaseSession session, IReadOnlyList<WorkloadStatement> workload, MissingIndexOptions options, CancellationToken cancellationToken)
    {
        var facts = await new IndexProbe(session).ReadAsync(cancellationToken);
        var now = time.GetUtcNow();
        var costs = (await session.QueryAsync(
            "Performance/Indexes/Sql/PlannerCosts.sql",
            row => new PlannerCosts(row.GetDouble(0), row.GetDouble(1), row.GetDouble(2), row.GetDouble(3), row.GetDouble(4), row.GetInt32(5)),
            cancellationToken))[0];
        var paths = await session.QueryAsync("Performance/Indexes/Sql/SearchPaths.sql", row => row.GetString(0), cancellationToken);
        try
        {
            await using var transaction = await session.Connection.BeginTransactionAsync(cancellationToken);
            await using (var readOnly = new NpgsqlCommand("SET TRANSACTION READ ONLY", session.Connection, transaction))
            {
                await readOnly.ExecuteNonQueryAsync(cancellationToken);
            }

            var search = new Search(session, transaction, new PlanReader(session, transaction, paths, options.LongestPlanning), new IndexCost(costs), facts, options, now);
            return await search.RunAsync(workload, cancellationToken);
        }
        catch (Exception exception) when (exception is not MaintenanceException)
        {
            throw PostgresErrors.Translate(exception, session.Target, cancellationToken);
        }
    }

    private sealed class Search(
        DatabaseSession session, NpgsqlTransaction transaction, PlanReader plans, IndexCost cost, IndexFacts facts, MissingIndexOptions options, DateTimeOffset now)
    {
        private readonly List<string> _notes = [];

        public async Task<MissingIndexSearch> RunAsync(IReadOnlyList<WorkloadStatement> workload, CancellationToken cancellationToken)
        {
            var planned = await PlanAsync(workload, cancellationToken);
            var candidates = await EstimateAsync(planned, cancellationToken);
            var hypothetical = new HypotheticalIndexes(session, transaction);
            var window = options.Window ?? now - facts.StatisticsSince;
            var chooser = new IndexChooser(planned, window);
            var isHypothetical = candidates.Count > 0 && await hypothetical.IsAvailableAsync(cancellationToken);
            if (isHypothetical)
            {
                candidates = await AskAsync(planned, candidates, hypothetical, cancellationToken);
            }

            var chosen = chooser.Choose(candidates, options.MaximumIndexes);
            var writer = new MissingIndexWriter(session, planned);
            var indexes = new List<MissingIndex>();
            foreach (var index in chosen)
            {
                indexes.Add(await writer.WriteAsync(index, [.. indexes.Select(other => other.Name)], cancellationToken));
            }

            return new MissingIndexSearch([.. indexes.OrderByDescending(index => index.SavedPercent)], _notes);
        }

        private async Task<IReadOnlyList<PlannedStatement>> PlanAsync(IReadOnlyList<WorkloadStatement> workload, CancellationToken cancellationToken)
        {
            var failures = new Dictionary<string, int>(StringComparer.Ordinal);
            void Fail(string why) => failures[why] = failures.GetValueOrDefault(why) + 1;

            var found = new List<(WorkloadStatement Statement, string Text, string Path, PlanNode Plan)>();
            foreach (var statement in workload.OrderByDescending(statement => statement.TotalMilliseconds).Take(options.MaximumStatements))
            {
                if (SqlTokens.Read(statement.Text) is null)
                {
                    Fail("text is cut off (pg_stat_statements keeps no more than track_activity_query_size)");
                    continue;
                }

                if (!StatementText.HasPlan(statement.Text))
                {
                    continue;
                }

                var rows = statement is { Rows: { } all, Calls: > 0 } ? all / statement.Calls : (double?)null;
                var text = StatementText.ToPrepare(statement.Text, rows)!;
                var (plan, path, state) = await plans.ReadAsync(text, null, cancellationToken);
                if (plan is null)
                {
                    Fail(Why(state));
                    continue;
                }

                found.Add((statement, text, path!, plan));
            }

            _notes.AddRange(failures.OrderByDescending(pair => pair.Value).Select(pair => Say.Text($"{Say.Count(pair.Value, "statement has", "statements have")} no plan: {pair.Key}.")));
            var names = found.SelectMany(one => one.Plan.All).Where(node => node is { Schema: not null, Relation: not null }).Select(node => (node.Schema!, node.Relation!)).Distinct().ToList();
            var tables = await new TableReader(session).ReadAsync(names, facts, now, cancellationToken);
            return
            [
                // What touches no table of the application, as our own statements do, is no part of the workload.
                .. found.Where(one => one.Plan.All.Any(node => tables.ContainsKey((node.Schema ?? "", node.Relation ?? ""))))
                    .Select(one => new PlannedStatement(one.Statement, one.Text, one.Path, one.Plan, TableUses.Of(one.Plan, tables))),
            ];
        }

        private static string Why(string? sqlState) => sqlState switch
        {
            PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName => "a table is not found, or lies where no search path of this database or its roles leads",
            PostgresErrorCodes.UndefinedFunction or PostgresErrorCodes.UndefinedObject => "a function, operator or type is not found, or lies where no search path of this database or its roles leads",
            PostgresErrorCodes.InsufficientPrivilege => "the role may not read a table of it, or not change it where it changes one",
            PostgresErrorCodes.SyntaxError => "what pg_stat_statements keeps is no single valid statement",
            PostgresErrorCodes.QueryCanceled => "planning took too long",
            PostgresErrorCodes.LockNotAvailable => "somebody holds a table of it locked",
            PostgresErrorCodes.IndeterminateDatatype or PostgresErrorCodes.AmbiguousFunction or PostgresErrorCodes.DatatypeMismatch => "the types of its parameters cannot be told",
            _ => $"the server does not plan it ({sqlState})",
        };

        private async Task<IReadOnlyList<CandidateSavings>> EstimateAsync(IReadOnlyList<PlannedStatement> planned, CancellationToken cancellationToken)
        {
            var functions = planned.SelectMany(one => one.Uses).SelectMany(use => use.Conditions.Concat(use.Conditions.SelectMany(condition => condition.Arms.SelectMany(arm => arm))))
                .SelectMany(condition => condition.Left?.Functions ?? [])
                .Concat(planned.SelectMany(one => one.Uses).SelectMany(use => use.Order?.Keys.SelectMany(key => key.Term!.Functions) ?? []))
                .Distinct(StringComparer.Ordinal)
                .ToArray();
            var mutable = functions.Length == 0 ? [] : await session.QueryAsync("Performance/Indexes/Sql/MutableFunctions.sql", row => row.GetString(0), cancellationToken, (object)functions);
            var maker = new IndexCandidates(mutable.ToHashSet(StringComparer.Ordinal));
            var candidates = planned.SelectMany(one => one.Uses)
                .Where(use => IsWorthwhile(use.Table))
                .SelectMany(maker.For)
                .DistinctBy(candidate => candidate.Identity)
                .Where(candidate => !IndexCandidates.IsCovered(candidate))
                .ToList();
            return [.. candidates.Select(candidate => Estimate(candidate, planned)).Where(estimate => estimate.Savings.Count > 0)];
        }

        private bool IsWorthwhile(IndexedTable table) => table.Bytes >= options.MinimumTableBytes && (options.Tables?.Invoke(table.Schema, table.Name) ?? true);

        private CandidateSavings Estimate(IndexCandidate candidate, IReadOnlyList<PlannedStatement> planned)
        {
            var savings = new Dictionary<int, double>();
            var gambles = new HashSet<int>();
            for (var statement = 0; statement < planned.Count; statement++)
            {
                if (planned[statement].Uses.Any(use => use.Table.Oid == candidate.Table.Oid && IndexCost.IsGamble(use, candidate)))
                {
                    gambles.Add(statement);
                }

                var saving = planned[statement].Uses.Where(use => use.Table.Oid == candidate.Table.Oid).Sum(use => Beyond(use, candidate));
                if (saving > 0)
                {
                    savings[statement] = Math.Min(saving, planned[statement].Cost * 0.9999);
                }
            }

            return new CandidateSavings(candidate, savings) { Gambles = gambles };
        }

        // What an existing index would save by the same reckoning, and yet does not, a new one will not either.
        private double Beyond(TableUse use, IndexCandidate candidate)
        {
            var saving = cost.Saving(use, candidate);
            return saving <= 0 ? 0 : saving - use.Table.Indexes.Select(index => cost.Saving(use, index)).DefaultIfEmpty().Max();
        }

        private async Task<IReadOnlyList<CandidateSavings>> AskAsync(
            IReadOnlyList<PlannedStatement> planned, IReadOnlyList<CandidateSavings> candidates, HypotheticalIndexes hypothetical, CancellationToken cancellationToken)
        {
            var promising = candidates
                .OrderByDescending(candidate => candidate.Savings.Sum(pair => pair.Value / planned[pair.Key].Cost * planned[pair.Key].Statement.TotalMilliseconds))
                .ThenBy(candidate => candidate.Index.Keys.Count)
                .Take(MostHypothetical);
            var asked = new List<CandidateSavings>();
            try
            {
                foreach (var candidate in promising)
                {
                    asked.Add(await AskAsync(planned, candidate, hypothetical, cancellationToken));
                }
            }
            finally
            {
                if (session.Connection.State == System.Data.ConnectionState.Open)
                {
                    await hypothetical.ResetAsync(CancellationToken.None);
                }
            }

            return asked;
        }

        private async Task<CandidateSavings> AskAsync(
            IReadOnlyList<PlannedStatement> planned, CandidateSavings candidate, HypotheticalIndexes hypothetical, CancellationToken cancellationToken)
        {
            // It knows no partitioned tables.
            var (_, steps, _) = await MissingIndexWriter.TextsAsync(session, candidate.Index, "idx", cancellationToken);
            if (candidate.Index.Table.IsPartitioned || await hypothetical.CreateAsync(steps[0], cancellationToken) is not { } index)
            {
                return candidate;
            }

            var savings = new Dictionary<int, double>();
            for (var statement = 0; statement < planned.Count; statement++)
            {
                var one = planned[statement];
                if (one.Uses.Any(use => use.Table.Oid == candidate.Index.Table.Oid)
                    && (await plans.ReadAsync(one.Text, one.SearchPath, cancellationToken)).Plan is { } plan && plan.All.Any(node => node.Index == index.Name) && plan.Cost < one.Cost)
                {
                    savings[statement] = one.Cost - plan.Cost;
                }
            }

            await hypothetical.ResetAsync(cancellationToken);
            return candidate with { Savings = savings, Evidence = IndexEvidence.Hypothetical, Bytes = index.Bytes };
        }
    }
}
