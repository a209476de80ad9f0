using System.Text.RegularExpressions;

namespace Maintenance.Engine.Maintain;

/// <summary>What is known of a rebuild from before it began.</summary>
/// <param name="TableOid">The table.</param>
/// <param name="IndexOid">The index that was to be rebuilt.</param>
/// <param name="Shape">What it looked like; null if that is no longer known.</param>
/// <param name="KnownOids">Every index the table had then.</param>
internal sealed record RebuildOrigin(long TableOid, long IndexOid, string? Shape, IReadOnlySet<long> KnownOids);

/// <summary>
/// Tells what is left of a concurrent rebuild from every other index, by descent. A rebuild makes a copy under a new OID
/// (<c>name_ccnew</c>), exchanges the names, and drops the old one (<c>name_ccold</c> by then). Wherever it ends early, an invalid
/// index is left that every write still maintains: the copy, or the old index. Names are cut and numbered by the server
/// (<c>_ccnew1</c>), and anybody may use them: they confirm, and decide nothing. Pure.
/// </summary>
internal static partial class InvalidIndexLineage
{
    /// <summary>
    /// What is left of one rebuild of ours. Somebody else may rebuild the same index by now, and what that makes looks just so: nothing
    /// may be dropped while <see cref="IndexState.WorkedOnBy"/> names anybody.
    /// </summary>
    /// <param name="origin">What was known before it began.</param>
    /// <param name="now">The table's indexes now.</param>
    public static IReadOnlyList<IndexState> LeftBy(RebuildOrigin origin, IReadOnlyList<IndexState> now)
    {
        var original = now.FirstOrDefault(index => index.Oid == origin.IndexOid);
        var shape = origin.Shape ?? original?.Shape;
        return
        [
            .. now.Where(index => !index.IsValid && index.TableOid == origin.TableOid && (index.Oid == origin.IndexOid
                ? now.Any(copy => IsCopy(copy) && copy.IsValid)
                : IsCopy(index) && HasLabel(index.Name))),
        ];

        // Made since, and like the original in all that a rebuild copies. Without a shape there is nothing to recognise it by.
        bool IsCopy(IndexState index) => !origin.KnownOids.Contains(index.Oid) && index.Oid != origin.IndexOid && shape is not null && index.Shape == shape;
    }

    /// <summary>The index that took the original's place, if the rebuild came that far.</summary>
    /// <param name="origin">What was known before it began.</param>
    /// <param name="now">The table's indexes now.</param>
    /// <param name="name">The original's name.</param>
    public static IndexState? Successor(RebuildOrigin origin, IReadOnlyList<IndexState> now, string name) => now.FirstOrDefault(index =>
        index.IsValid && index.Name == name && index.Oid != origin.IndexOid && !origin.KnownOids.Contains(index.Oid) && index.Shape == origin.Shape);

    /// <summary>
    /// The index that makes an invalid one superfluous, whoever left that behind: another of the same table and shape, valid or at least
    /// the one it was to replace. Null if dropping it would lose a definition, or if its name says that it is no remains of a rebuild.
    /// </summary>
    /// <param name="invalid">The invalid index.</param>
    /// <param name="ofTable">The table's indexes.</param>
    public static IndexState? MadeSuperfluousBy(IndexState invalid, IReadOnlyList<IndexState> ofTable) => !HasLabel(invalid.Name)
        ? null
        : ofTable
            .Where(index => index.Oid != invalid.Oid && index.TableOid == invalid.TableOid && index.Shape == invalid.Shape && (index.IsValid || !HasLabel(index.Name)))
            .OrderByDescending(index => index.IsValid)
            .FirstOrDefault();

    /// <summary>The name ends as the server names what it makes and replaces in a concurrent rebuild.</summary>
    public static bool HasLabel(string name) => Label().IsMatch(name);

    [GeneratedRegex("_cc(new|old)[0-9]*$", RegexOptions.CultureInvariant)]
    private static partial Regex Label();
}
