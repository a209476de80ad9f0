using System.Globalization;
using System.Numerics;

namespace Maintenance.Engine.Retention;

/// <summary>Compares what left with what arrived, for each batch before it is committed, and adds both up. Pure but for its sums.</summary>
/// <param name="action">What happens to the rows.</param>
/// <param name="table">The table, quoted.</param>
/// <param name="verify">Whether checksums were asked for.</param>
internal sealed class BatchProof(RetentionAction action, string table, bool verify)
{
    private static readonly BigInteger Modulus = BigInteger.One << 64;

    private BigInteger _before;
    private BigInteger _after;
    private long _rows;
    private bool _failed;

    /// <summary>Whether everything was proved; null if that was not asked for, or nothing was there to prove.</summary>
    public bool? Verified => !verify ? null : _failed ? false : _rows > 0 ? true : null;

    /// <summary>Looks at a batch that is not committed yet.</summary>
    /// <exception cref="MaintenanceException">ArchiveMismatch: it must be taken back.</exception>
    public void Check(BatchOutcome outcome)
    {
        if (outcome.Arrived == outcome.Rows && (action != RetentionAction.ArchiveToTable || outcome.Before == outcome.After))
        {
            return;
        }

        _failed = true;
        throw action switch
        {
            RetentionAction.ArchiveToTable when outcome.Arrived != outcome.Rows => Mismatch(
                FormattableString.Invariant($"{outcome.Rows} rows left {table} and {outcome.Arrived} arrived, so the batch was taken back."), "Look for a trigger on the archive that keeps rows out."),
            RetentionAction.ArchiveToTable => Mismatch(
                FormattableString.Invariant($"{outcome.Rows} rows of {table} did not arrive as they left (checksums {Hex(outcome.Before)} and {Hex(outcome.After)}), so the batch was taken back."),
                "Look for a trigger on the archive that changes rows, or a type that cannot hold their values."),
            RetentionAction.Anonymise => Mismatch(
                FormattableString.Invariant($"{outcome.Rows - outcome.Arrived} of {outcome.Rows} rows of {table} were not anonymised after their update, so the batch was taken back."), "Look for a trigger on the table that changes them back."),
            _ => Mismatch(
                FormattableString.Invariant($"{outcome.Rows - outcome.Arrived} of {outcome.Rows} rows of {table} were not past their age, so the batch was taken back."), "Report it, with the policy."),
        };
    }

    /// <summary>Counts a batch that is committed.</summary>
    public void Add(BatchOutcome outcome)
    {
        _rows += outcome.Rows;
        _before += outcome.Before ?? 0;
        _after += outcome.After ?? 0;
    }

    /// <summary>What was proved; null if that was not asked for.</summary>
    /// <param name="due">Rows that were planned.</param>
    /// <param name="left">Rows that are due and still there; null if they were not counted.</param>
    public string? Describe(long? due, long? left)
    {
        if (Verified is null)
        {
            return null;
        }

        var ending = string.Create(CultureInfo.InvariantCulture, $" {due:N0} were planned{(left is null ? "" : $"; {left:N0} that are due are still there")}.");
        return action switch
        {
            RetentionAction.ArchiveToTable => string.Create(CultureInfo.InvariantCulture, $"{_rows:N0} rows left with checksum {Hex(_before)}, {_rows:N0} arrived with checksum {Hex(_after)}, compared before each commit.{ending}"),
            RetentionAction.Anonymise => string.Create(CultureInfo.InvariantCulture, $"Each of {_rows:N0} rows was read again before its commit and needs nothing any more; their checksum is {Hex(_before)}.{ending}"),
            _ => string.Create(CultureInfo.InvariantCulture, $"Each of {_rows:N0} rows was past its age when it went; their checksum is {Hex(_before)}.{ending}"),
        };
    }

    private static MaintenanceException Mismatch(string message, string recommendation) => new(MaintenanceErrorCode.ArchiveMismatch, message, recommendation);

    private static string Hex(BigInteger? sum) => ((ulong)((((sum ?? 0) % Modulus) + Modulus) % Modulus)).ToString("x16", CultureInfo.InvariantCulture);
}
