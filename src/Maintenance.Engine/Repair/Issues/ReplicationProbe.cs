using Maintenance.Engine.Inspect;

namespace Maintenance.Engine.Repair.Issues;

/// <summary>What Get-DbReplication finds: slots that keep the log, standbys that are behind, an archiver that fails, a disk that fills.</summary>
internal sealed class ReplicationProbe(ReplicationService replication) : IIssueProbe
{
    public string Name => "the write-ahead log";

    public IReadOnlyList<IssueKind> Kinds => IssueCatalogue.Replication;

    public bool AppliesTo(MaintenanceTarget target) => IssueScope.HasDatabase(target);

    public async Task<IReadOnlyList<Finding>> FindAsync(IssueContext context, CancellationToken cancellationToken)
    {
        var measured = await replication.GetAsync(context.Target, null, context.Call, cancellationToken);
        return measured.Findings.OrPassed(
            Kinds[0],
            $"{(measured.Slots.Count == 0 ? "There are no slots" : $"{Say.Count(measured.Slots.Count, "slot keeps", "slots keep")} no more than the limits allow")}, {(measured.Standbys.Count == 0 ? "no standbys" : $"{Say.Count(measured.Standbys.Count, "standby follows", "standbys follow")} closely")}, and the archiver is {measured.Archiver}.",
            ("Slots", measured.Slots.Count),
            ("RetainedBytes", measured.Slots.Max(slot => slot.RetainedBytes)),
            ("WalBytes", measured.WalBytes));
    }
}
