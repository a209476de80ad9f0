namespace Maintenance.Engine.Inspect;

/// <summary>
/// Where PostgreSQL does what, as its source has it. The manual explains them under "Preventing Transaction ID Wraparound Failures"
/// and "Multixacts and Wraparound" (routine-vacuuming).
/// </summary>
internal static class WraparoundLimits
{
    /// <summary>Half of all 32-bit ids lie in the past, half in the future (MaxTransactionId >> 1).</summary>
    private const long Wrap = 0x7FFF_FFFF;

    /// <summary>Members of multixacts are found by a 32-bit offset up to PostgreSQL 18.</summary>
    public const int LastVersionWithMemberLimit = 18;

    /// <summary>
    /// Members in a file of pg_multixact/members: 32 pages of 409 groups of 4 (SLRU_PAGES_PER_SEGMENT, MULTIXACT_MEMBERS_PER_PAGE, pages of 8 kB).
    /// </summary>
    public const long MembersPerFile = 32 * 409 * 4;

    /// <summary>Multixact ids are 32 bits wide.</summary>
    public const double MultixactModulus = 4294967296;

    private const double MostMembers = 4294967295;

    /// <summary>Age at which no transaction id is given out any more (xidStopLimit in SetTransactionIdLimit): 3 million before wraparound, 1 million before PostgreSQL 14.</summary>
    public static long XidStop(int majorVersion) => Wrap - (majorVersion >= 14 ? 3_000_000 : 1_000_000);

    /// <summary>The same for multixact ids (multiStopLimit in SetMultiXactIdLimit): 3 million before wraparound, 100 before PostgreSQL 14.</summary>
    public static long MultixactStop(int majorVersion) => Wrap - (majorVersion >= 14 ? 3_000_000 : 100);

    /// <summary>The failsafe never comes sooner than 5 % after the age at which autovacuum must freeze (vacuum_xid_failsafe_check).</summary>
    public static long? Failsafe(long? failsafeAge, long freezeLimit) => failsafeAge is { } age ? Math.Max(age, (long)(freezeLimit * 1.05)) : null;

    /// <summary>Share of the members' space that so many files are. The oldest file may be half empty, and goes only with a vacuum.</summary>
    public static double MemberPercent(long files) => Math.Min(100, 100.0 * files * MembersPerFile / MostMembers);
}
