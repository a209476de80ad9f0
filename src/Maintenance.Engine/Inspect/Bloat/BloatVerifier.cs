using Maintenance.Engine.Database;

namespace Maintenance.Engine.Inspect.Bloat;

/// <summary>Replaces estimates by measurements: of the suspects within the I/O budget, or of everything.</summary>
internal sealed class BloatVerifier(DatabaseSession session, BloatFacts facts, BloatRows rows, IMaintenanceSink sink)
{
    private static readonly string[] OtherMeasurable = ["hash", "gist"];

    private readonly BloatMeter _meter = new(session, sink);

    /// <summary>Measures, and puts the measured rows in the place of the estimated ones.</summary>
    public async Task VerifyAsync(Dictionary<long, DbBloat> found, BloatQuery query, CancellationToken cancellationToken)
    {
        if (!await _meter.PrepareAsync(cancellationToken))
        {
            GiveUp(found, query);
            return;
        }

        var exact = query.Mode == BloatMode.Exact;
        var chosen = Choose(found, query);
        var relations = chosen.Select(oid => facts.Relations[oid]).ToList();
        var tables = await _meter.TablesAsync([.. relations.Where(relation => relation.IsHeap).Select(relation => relation.Oid)], exact, cancellationToken);
        foreach (var (oid, measured) in tables)
        {
            found[oid] = rows.Measured(facts.Relations[oid], measured, exact ? BloatMethod.Exact : BloatMethod.Approximate);
        }

        foreach (var (oid, measured) in await _meter.IndexesAsync([.. relations.Where(IsBtree).Select(relation => relation.Oid)], cancellationToken))
        {
            found[oid] = rows.Measured(facts.Relations[oid], measured, tables.GetValueOrDefault(facts.Relations[oid].HeapOid));
        }

        var others = relations.Where(relation => OtherMeasurable.Contains(relation.AccessMethod)).Select(relation => relation.Oid).ToList();
        foreach (var (oid, measured) in await _meter.TablesAsync(others, everyPage: true, cancellationToken))
        {
            found[oid] = BloatRows.WithFreeSpace(found[oid], measured);
        }

        foreach (var (oid, failure) in _meter.Failures)
        {
            found[oid] = found[oid] with
            {
                Reason = Join(found[oid].Reason, $"It was not measured: {failure.Message}"),
                Recommendation = failure.Code == MaintenanceErrorCode.PermissionDenied
                    ? $"GRANT pg_stat_scan_tables TO {facts.Server.QuotedUser};"
                    : failure.Recommendation,
            };
        }

        if (_meter.Failures.Count > 0)
        {
            sink.Warning($"{_meter.Failures.Count} relation(s) could not be measured and keep their estimate; see their Reason. The first: {_meter.Failures.First().Value.Message}");
        }
    }

    private static bool IsBtree(RelationFacts relation) => relation is { Kind: DbRelationKind.Index, AccessMethod: "btree" };

    private IReadOnlyList<long> Choose(Dictionary<long, DbBloat> found, BloatQuery query)
    {
        var measurable = found.Values.Where(row => BloatService.IsWanted(row, query) && row.SizeBytes > 0 && facts.Relations[row.Oid] is var relation
            && (relation.IsHeap || IsBtree(relation) || (query.Mode == BloatMode.Exact && OtherMeasurable.Contains(relation.AccessMethod))));
        if (query.Mode == BloatMode.Exact)
        {
            return [.. measurable.Select(row => row.Oid)];
        }

        var (chosen, left) = VerificationPlan.Choose(measurable.Select(row => VerificationPlan.For(row, facts.Relations[row.Oid], facts.Server.BlockSize)), query.IoBudget);
        foreach (var oid in left)
        {
            found[oid] = found[oid] with
            {
                Reason = Join(found[oid].Reason, "It was not measured: the I/O budget did not allow it."),
                Recommendation = found[oid].Recommendation ?? "Raise -IoBudget, or name it with -Table.",
            };
        }

        sink.Verbose($"Measuring {chosen.Count} suspect(s); {left.Count} do not fit the I/O budget.");
        return chosen;
    }

    private void GiveUp(Dictionary<long, DbBloat> found, BloatQuery query)
    {
        const string Missing = "The extension pgstattuple is not installed in this database, so nothing was measured.";
        const string Create = "CREATE EXTENSION pgstattuple;";
        sink.Warning($"{Missing} The rows are estimates. {Create}");
        foreach (var row in found.Values.Where(row => BloatService.IsWanted(row, query)).ToList())
        {
            found[row.Oid] = row with { Reason = Join(row.Reason, Missing), Recommendation = row.Recommendation ?? Create };
        }
    }

    private static string Join(string? first, string second) => first is null ? second : $"{first} {second}";
}
