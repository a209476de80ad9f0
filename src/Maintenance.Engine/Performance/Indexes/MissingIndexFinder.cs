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

    // What the planner says of a hypothetical index stands, unless it is less than this part of what is reckoned with the rows that were counted.
    private const double LeastOfEstimate = 0.5;

    // Of statements without a plan so many are named, with so much of each.
    private const int MostNamed = 3;
    private const int NameLength = 60;

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
            await using (var readOnly = new NpgsqlCommand(SqlText.Marked("SET TRANSACTION READ ONLY"), session.Connection, transaction))
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
        private double _unplanned;

        public async Task<MissingIndexSearch> RunAsync(IReadOnlyList<WorkloadStatement> workload, CancellationToken cancellationToken)
        {
            var planned = await PlanAsync(workload, cancellationToken);
            var candidates = await EstimateAsync(planned, cancellationToken);
            var hypothetical = new HypotheticalIndexes(session, transaction);
            var window = options.Window ?? now - facts.StatisticsSince;
            var total = Math.Max(options.AllMilliseconds ?? 0, Math.Max(planned.Sum(one => one.Statement.TotalMilliseconds), 1e-9));
            var chooser = new IndexChooser(planned, window, total);
            var isHypothetical = candidates.Count > 0 && await hypothetical.IsAvailableAsync(cancellationToken);
            if (isHypothetical)
            {
                candidates = await AskAsync(planned, candidates, hypothetical, cancellationToken);
            }

            var chosen = chooser.Choose([.. candidates.SelectMany(candidate => candidate.ByDoubt(planned))], options.MaximumIndexes);
            var writer = new MissingIndexWriter(session, planned, total);
            var indexes = new List<MissingIndex>();
            // What stands by itself first: an OR may need one of these and another, and then is only that one's reason.
            foreach (var index in chosen.OrderBy(one => one.Candidate.IsDoubtful).ThenBy(one => one.Candidate.With.Count))
            {
                indexes.AddRange(await writer.WriteAsync(index, indexes, cancellationToken));
            }

            NoteAlternatives(planned, chosen);
            return new MissingIndexSearch([.. indexes.OrderByDescending(index => index.SavedPercent)], _notes)
            {
                PlannedMilliseconds = planned.Sum(one => one.Statement.TotalMilliseconds),
                UnplannedMilliseconds = _unplanned,
            };
        }

        private async Task<IReadOnlyList<PlannedStatement>> PlanAsync(IReadOnlyList<WorkloadStatement> workload, CancellationToken cancellationToken)
        {
            var failures = new List<(string Why, WorkloadStatement Statement)>();

            var found = new List<(WorkloadStatement Statement, string Text, string Path, PlanNode Plan)>();
            foreach (var statement in workload.OrderByDescending(statement => statement.TotalMilliseconds).Take(options.MaximumStatements))
            {
                if (SqlTokens.Read(statement.Text) is null)
                {
                    failures.Add(("text is cut off (pg_stat_statements keeps no more than track_activity_query_size)", statement));
                    continue;
                }

                if (!StatementText.HasPlan(statement.Text))
                {
                    continue;
                }

                var rows = statement is { Rows: { } all, Calls: > 0 } ? all / statement.Calls : (double?)null;
                var text = StatementText.ToPrepare(statement.Text, rows)!;
                var (plan, path, state, refusal) = await plans.ReadAsync(text, null, cancellationToken);
                foreach (var other in state == PostgresErrorCodes.UndefinedFunction ? StatementText.WithDays(text) : [])
                {
                    if (plan is null && await plans.ReadAsync(other, null, cancellationToken) is { Plan: not null } read)
                    {
                        (text, plan, path) = (other, read.Plan, read.SearchPath);
                    }
                }

                if (plan is null)
                {
                    failures.Add((refusal ?? Why(state, text), statement));
                    continue;
                }

                found.Add((statement, text, path!, plan));
            }

            _unplanned = failures.Sum(failure => failure.Statement.TotalMilliseconds);
            _notes.AddRange(failures.GroupBy(failure => failure.Why).OrderByDescending(group => group.Count()).Select(group => NoPlan(group.Key, [.. group.Select(failure => failure.Statement)])));
            var names = found.SelectMany(one => one.Plan.All).Where(node => node is { Schema: not null, Relation: not null }).Select(node => (node.Schema!, node.Relation!)).Distinct().ToList();
            var reader = new TableReader(session);
            var tables = await reader.WithSharesAsync(await reader.ReadAsync(names, facts, now, cancellationToken), found.SelectMany(one => one.Plan.All), cancellationToken);
            return
            [
                // What touches no table of the application, as our own statements do, is no part of the workload.
                .. found.Where(one => one.Plan.All.Any(node => tables.ContainsKey((node.Schema ?? "", node.Relation ?? ""))))
                    .Select(one => new PlannedStatement(one.Statement, one.Text, one.Path, one.Plan, TableUses.Of(one.Plan, tables, one.Statement.RowsPerCall))),
            ];
        }

        private static string NoPlan(string why, IReadOnlyList<WorkloadStatement> statements)
        {
            // Several roles may run the same.
            var texts = statements.Select(statement => QueryText.Redact(statement.Text, NameLength)).Distinct().ToList();
            var named = texts.Take(MostNamed).Select(text => $"“{text}”");
            var more = texts.Count > MostNamed ? Say.Text($" and {texts.Count - MostNamed} more") : "";
            return Say.Text($"{Say.Count(statements.Count, "statement has", "statements have")} no plan: {why}: {string.Join(", ", named)}{more}.");
        }

        private static bool IsOfLostArray(string text) => System.Text.RegularExpressions.Regex.IsMatch(text, @"ARRAY\s*\[\s*\$\d", System.Text.RegularExpressions.RegexOptions.IgnoreCase);

        private static string Why(string? sqlState, string text) => sqlState switch
        {
            PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName => "a table is not found, or lies where no search path of this database or its roles leads",
            PostgresErrorCodes.UndefinedFunction or PostgresErrorCodes.UndefinedObject when IsOfLostArray(text) => "an array of constants (ARRAY[$1, …]) has lost its type in what pg_stat_statements keeps",
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
            var uses = planned.SelectMany(one => one.Uses).Where(use => IsWorthwhile(use.Table)).ToList();
            var alone = uses.SelectMany(maker.For).Where(candidate => !IndexCandidates.IsCovered(candidate)).Select(candidate => (IReadOnlyList<IndexCandidate>)[candidate]);
            var together = uses.SelectMany(use => Alternatives(use).Select(either => maker.ForParts(use, either))).Where(set => set is { Count: > 0 }).Select(set => set!);
            return
            [
                .. alone.Concat(together)
                    .DistinctBy(set => string.Join('+', set.Select(index => index.Identity)))
                    .Select(set => Estimate(set, planned))
                    .Where(estimate => estimate.Savings.Count > 0),
            ];
        }

        private static IEnumerable<Condition> Alternatives(TableUse use) =>
            use.Conditions.Where(condition => condition.Kind == ConditionKind.Or && condition.Aliases.All(alias => alias == use.Scan.Alias));

        // Who has written OR and gets no index wants to know why.
        private void NoteAlternatives(IReadOnlyList<PlannedStatement> planned, IReadOnlyList<ChosenIndex> chosen)
        {
            var helped = chosen.SelectMany(one => one.Benefits).Select(benefit => benefit.Statement).ToHashSet();
            var left = Enumerable.Range(0, planned.Count)
                .Count(at => !helped.Contains(at) && planned[at].Uses.Any(use => use.Scan.Type == "Seq Scan" && IsWorthwhile(use.Table) && Alternatives(use).Any()));
            if (left > 0)
            {
                _notes.Add(Say.Text($"{Say.Count(left, "statement reads a table whole and asks", "statements read a table whole and ask")} for one thing or another (OR): that takes an index for each part, and here a part can have none, or too many rows are found, or writing them costs more than they save."));
            }
        }

        private bool IsWorthwhile(IndexedTable table) => table.Bytes >= options.MinimumTableBytes && (options.Tables?.Invoke(table.Schema, table.Name) ?? true);

        private CandidateSavings Estimate(IReadOnlyList<IndexCandidate> set, IReadOnlyList<PlannedStatement> planned)
        {
            var candidate = set[0];
            var savings = new Dictionary<int, double>();
            var (gambles, ordered) = (new HashSet<int>(), new HashSet<int>());
            for (var statement = 0; statement < planned.Count; statement++)
            {
                if (set.Any(index => Risk(planned[statement], index) > 0))
                {
                    gambles.Add(statement);
                }

                var uses = planned[statement].Uses.Where(use => use.Table.Oid == candidate.Table.Oid).ToList();
                if (uses.Exists(use => cost.GivesOrder(use, candidate)))
                {
                    ordered.Add(statement);
                }

                var saving = uses.Sum(use => set.Count == 1 ? Math.Max(Beyond(use, candidate), BeyondOfParts(use, set)) : BeyondOfParts(use, set));
                if (saving > 0)
                {
                    savings[statement] = Math.Min(saving, planned[statement].Cost * 0.9999);
                }
            }

            return new CandidateSavings(candidate, savings) { With = [.. set.Skip(1)], Gambles = gambles, Ordered = ordered };
        }

        private double Risk(PlannedStatement statement, IndexCandidate index) =>
            statement.Uses.Where(use => use.Table.Oid == index.Table.Oid).Sum(use => cost.Risk(use, index));

        // What an existing index would save by the same reckoning, and yet does not, a new one will not either.
        private double Beyond(TableUse use, IndexCandidate index) =>
            cost.Saving(use, index) is > 0 and var saving ? saving - use.Table.Indexes.Select(known => cost.Saving(use, known)).DefaultIfEmpty().Max() : 0;

        // Several save together only where one of them alone would save nothing; what each saves by itself is its own.
        private double BeyondOfParts(TableUse use, IReadOnlyList<IndexCandidate> set) => Alternatives(use)
            .Select(either => cost.SavingOfParts(use, either, set) - (set.Count == 1 ? [] : set).Select(index => cost.SavingOfParts(use, either, [index])).Append(cost.SavingOfParts(use, either, [])).Max())
            .DefaultIfEmpty()
            .Max();

        private async Task<IReadOnlyList<CandidateSavings>> AskAsync(
            IReadOnlyList<PlannedStatement> planned, IReadOnlyList<CandidateSavings> candidates, HypotheticalIndexes hypothetical, CancellationToken cancellationToken)
        {
            var promising = Promising(planned, candidates).Take(MostHypothetical).ToList();
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

        // The best few of each statement, since one that helps many a little must not push out what is right for one; of equals the smaller.
        private static IEnumerable<CandidateSavings> Promising(IReadOnlyList<PlannedStatement> planned, IReadOnlyList<CandidateSavings> candidates) =>
            Enumerable.Range(0, planned.Count)
                .SelectMany(statement => candidates
                    .Where(candidate => candidate.Savings.ContainsKey(statement))
                    .OrderByDescending(candidate => Math.Round(candidate.Savings[statement] / planned[statement].Cost, 2))
                    .ThenBy(candidate => candidate.All.Sum(index => index.Bytes))
                    .Select((candidate, rank) => (Candidate: candidate, Rank: rank, Time: planned[statement].Statement.TotalMilliseconds)))
                .OrderBy(one => one.Rank)
                .ThenByDescending(one => one.Time)
                .Select(one => one.Candidate)
                .Distinct();

        private async Task<CandidateSavings> AskAsync(
            IReadOnlyList<PlannedStatement> planned, CandidateSavings candidate, HypotheticalIndexes hypothetical, CancellationToken cancellationToken)
        {
            var (names, bytes) = (new HashSet<string>(StringComparer.Ordinal), new Dictionary<string, long>(StringComparer.Ordinal));
            foreach (var index in candidate.All)
            {
                // It knows no partitioned tables, and takes no partial index for one whose condition compares text.
                var (_, steps, _) = await MissingIndexWriter.TextsAsync(session, index, "idx", cancellationToken);
                if (index.Table.IsPartitioned || (index.Predicate is { } condition && index.Table.ValueShares.ContainsKey(condition.Sql)) || await hypothetical.CreateAsync(steps[0], cancellationToken) is not { } made)
                {
                    await hypothetical.ResetAsync(cancellationToken);
                    return candidate;
                }

                names.Add(made.Name);
                bytes[index.Identity] = made.Bytes;
            }

            var savings = new Dictionary<int, double>();
            var estimates = 0;
            for (var statement = 0; statement < planned.Count; statement++)
            {
                var one = planned[statement];
                if (one.Uses.Any(use => use.Table.Oid == candidate.Index.Table.Oid)
                    && (await plans.ReadAsync(one.Text, one.SearchPath, cancellationToken)).Plan is { } plan && names.IsSubsetOf(plan.All.Select(node => node.Index).OfType<string>()))
                {
                    // What is still sorted was not read in order.
                    var risk = plan.All.Any(node => node.Type == "Sort") ? 0 : candidate.All.Max(index => Risk(one, index));
                    if (one.Cost - plan.Cost - risk is > 0 and var saving)
                    {
                        savings[statement] = saving;
                    }
                }

                // The planner is asked for a value that it does not know; which the application asks for is rarer by what was counted.
                if (one.Uses.Any(use => use.CountedRows is not null) && candidate.Savings.TryGetValue(statement, out var estimated) && savings.GetValueOrDefault(statement) < LeastOfEstimate * estimated)
                {
                    savings[statement] = estimated;
                    estimates++;
                }
            }

            await hypothetical.ResetAsync(cancellationToken);
            return candidate with { Savings = savings, Evidence = estimates > 0 && estimates == savings.Count ? IndexEvidence.Estimated : IndexEvidence.Hypothetical, Bytes = bytes };
        }
    }
}
