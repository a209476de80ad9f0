namespace Maintenance.Engine.Performance.Statements;

/// <summary>What pg_stat_statements counts of a statement. All of it adds up, so that the difference of two readings is what happened between them, and times can be put together. Times in milliseconds.</summary>
internal readonly record struct StatementCounts
{
    // Sums of times are floating-point numbers; a millionth of a millisecond is none.
    private const double Tolerance = 1e-6;

    /// <summary>How many <see cref="ToArray"/> has.</summary>
    public const int Length = 13;

    /// <summary>Executions.</summary>
    public double Calls { get; init; }

    /// <summary>Time of all executions.</summary>
    public double Time { get; init; }

    /// <summary>Sum of the squares of the executions' times: calls · (stddev² + mean²). With it the deviation of any window is known.</summary>
    public double Squares { get; init; }

    /// <summary>Time spent on planning; zero where the server does not track it.</summary>
    public double PlanTime { get; init; }

    public double Rows { get; init; }

    /// <summary>Blocks found in cache, read, written by the statement itself.</summary>
    public double BlocksHit { get; init; }

    public double BlocksRead { get; init; }

    public double BlocksWritten { get; init; }

    /// <summary>Blocks of temporary files, read and written.</summary>
    public double TemporaryBlocks { get; init; }

    /// <summary>Time of reading and writing blocks; zero where the server does not track it (track_io_timing).</summary>
    public double IoTime { get; init; }

    public double WalBytes { get; init; }

    /// <summary>Time of compiling; PostgreSQL 15 and later.</summary>
    public double JitTime { get; init; }

    /// <summary>Time of reading and writing temporary files; PostgreSQL 15 and later, zero where the server does not track it (track_io_timing).</summary>
    public double TemporaryIoTime { get; init; }

    /// <summary>All of them, in the order in which samples keep them.</summary>
    public double[] ToArray() => [Calls, Time, Squares, PlanTime, Rows, BlocksHit, BlocksRead, BlocksWritten, TemporaryBlocks, IoTime, WalBytes, JitTime, TemporaryIoTime];

    /// <summary>Makes one of what <see cref="ToArray"/> gave; what is missing at the end is zero.</summary>
    public static StatementCounts Of(IReadOnlyList<double> values)
    {
        return new StatementCounts
        {
            Calls = At(0), Time = At(1), Squares = At(2), PlanTime = At(3), Rows = At(4), BlocksHit = At(5), BlocksRead = At(6),
            BlocksWritten = At(7), TemporaryBlocks = At(8), IoTime = At(9), WalBytes = At(10), JitTime = At(11), TemporaryIoTime = At(12),
        };

        double At(int index) => index < values.Count ? values[index] : 0;
    }

    public static StatementCounts operator +(StatementCounts first, StatementCounts second) => Combine(first, second, static (a, b) => a + b);

    public static StatementCounts operator -(StatementCounts first, StatementCounts second) => Combine(first, second, static (a, b) => a - b);

    /// <summary>Makes one of two, figure by figure.</summary>
    public static StatementCounts Combine(in StatementCounts first, in StatementCounts second, Func<double, double, double> combine) => new()
    {
        Calls = combine(first.Calls, second.Calls),
        Time = combine(first.Time, second.Time),
        Squares = combine(first.Squares, second.Squares),
        PlanTime = combine(first.PlanTime, second.PlanTime),
        Rows = combine(first.Rows, second.Rows),
        BlocksHit = combine(first.BlocksHit, second.BlocksHit),
        BlocksRead = combine(first.BlocksRead, second.BlocksRead),
        BlocksWritten = combine(first.BlocksWritten, second.BlocksWritten),
        TemporaryBlocks = combine(first.TemporaryBlocks, second.TemporaryBlocks),
        IoTime = combine(first.IoTime, second.IoTime),
        WalBytes = combine(first.WalBytes, second.WalBytes),
        JitTime = combine(first.JitTime, second.JitTime),
        TemporaryIoTime = combine(first.TemporaryIoTime, second.TemporaryIoTime),
    };

    /// <summary>True if any figure that the server counts is lower than it was.</summary>
    public bool IsBelow(in StatementCounts before)
    {
        // The squares are computed, not counted: they can be lower by a rounding.
        var (now, lower) = (this with { Squares = before.Squares }, false);
        Combine(now, before, (a, b) => (lower |= a < b - Tolerance * Math.Max(1, b * Tolerance)) ? a : b);
        return lower;
    }

    /// <summary>Mean time of an execution; null without any.</summary>
    public double? Mean => Calls > 0 ? Time / Calls : null;

    /// <summary>Standard deviation of the executions' times; null for fewer than two.</summary>
    public double? StandardDeviation => Calls > 1 ? Math.Sqrt(Math.Max(0, (Squares - Time * Time / Calls) / (Calls - 1))) : null;
}
