using System.Globalization;
using Maintenance.Engine.Database;
using Maintenance.Engine.Maintain;

namespace Maintenance.Engine.Retention;

/// <summary>An archive that is to come back: from where, into what, and how its columns fit.</summary>
internal abstract record RestoreJob
{
    /// <summary>Where the rows come from, as people are told.</summary>
    public required string Source { get; init; }

    public required TableFacts Destination { get; init; }

    public required ColumnMap Map { get; init; }

    public required RestoreRange Range { get; init; }

    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The statements as they run.</summary>
    public abstract IReadOnlyList<string> Sql { get; }

    /// <summary>Whether another job, prepared at another time, is the same work.</summary>
    public bool IsSameAs(RestoreResult planned) => Source == planned.Source && Destination.Oid == planned.Oid;
}

/// <summary>Rows that come back out of a table.</summary>
internal sealed record TableRestoreJob : RestoreJob
{
    public required TableFacts Archive { get; init; }

    public required TimeColumnFacts Time { get; init; }

    public required string BatchSql { get; init; }

    /// <summary>Whether an index leads through the archive by time.</summary>
    public bool IsIndexed { get; init; } = true;

    public override IReadOnlyList<string> Sql => [BatchSql];

    /// <summary>The first time that may be wanted, and the first that is not.</summary>
    public (string From, string To) Limits => (Range.From ?? "-infinity", Range.To ?? "infinity");
}

/// <summary>What a restore has done so far. It is there whatever ends the work.</summary>
internal sealed class RestoreTally
{
    public long Rows { get; private set; }

    public long? Skipped { get; set; }

    public int Batches { get; private set; }

    public TimeSpan? WorstBatch { get; private set; }

    public int Parts { get; set; }

    public int PartsRestoredBefore { get; set; }

    public List<string> Notes { get; } = [];

    /// <summary>Checked and equal; false is not possible, because what differs is taken back.</summary>
    public bool? Verified { get; set; }

    public string? Verification { get; set; }

    /// <summary>Why it ended before everything was done, where that is no failure.</summary>
    public MaintenanceException? PutOff { get; set; }

    public void Add(long rows, TimeSpan held)
    {
        Rows += rows;
        Batches++;
        WorstBatch = WorstBatch > held ? WorstBatch : held;
    }

    /// <summary>The sum of the checksums of what was proved, which is that of all of it.</summary>
    public decimal Checksum { get; set; }

    public void Prove(string what)
    {
        Verified = true;
        Verification = string.Create(CultureInfo.InvariantCulture, $"{Rows:N0} rows with the checksum {Checksum:0} {what}.");
    }
}

/// <summary>One restore being carried out: with what, and how far it is.</summary>
internal sealed record RestoreWork
{
    public required MaintenanceTarget Target { get; init; }

    public required RestoreOptions Options { get; init; }

    /// <summary>The session that moves rows. One transaction at a time.</summary>
    public required DatabaseSession Session { get; init; }

    public required Watchdog Watchdog { get; init; }

    public required CallContext Call { get; init; }

    public required TimeProvider Time { get; init; }

    public required FaultPointReached Reached { get; init; }

    /// <summary>Rows that are expected; null if nobody counted them.</summary>
    public long? RowsFound { get; init; }

    public RestoreTally Tally { get; } = new();

    /// <summary>Whether the time is up for beginning anything more; says so in the tally.</summary>
    public bool MustStop()
    {
        if (Options.Deadline is not { } end || Time.GetUtcNow() < end)
        {
            return false;
        }

        Tally.PutOff = new MaintenanceException(MaintenanceErrorCode.DeadlineExceeded, "The time was up.", "Run it again for the rest.");
        return true;
    }

    /// <summary>Tells how far it is.</summary>
    public void Tell(string source)
    {
        var share = RowsFound is > 0 ? (int?)Math.Min(100, 100 * Tally.Rows / RowsFound.Value) : null;
        Call.Sink.Progress(new ProgressUpdate(
            RestoreService.Task, string.Create(CultureInfo.InvariantCulture, $"{source}: {Tally.Rows:N0}{(RowsFound is { } found ? $" of {found:N0}" : "")} rows"), share));
    }

    /// <summary>
    /// Runs one transaction under watch. Where others hold its locks, or wait for it, it is tried again a little later; then the
    /// rest is put off.
    /// </summary>
    /// <param name="sql">What to tell of it.</param>
    /// <param name="work">The transaction.</param>
    /// <param name="cancellationToken">Cancels it on the server.</param>
    public async Task<T?> TryAsync<T>(string sql, Func<Npgsql.NpgsqlConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await Watchdog.RunAsync(Session, sql, work, cancellationToken);
            }
            catch (MaintenanceException exception) when (exception.Code is MaintenanceErrorCode.LockTimeout or MaintenanceErrorCode.BlockedOthers)
            {
                if (attempt == MostAttempts)
                {
                    Tally.PutOff = exception;
                    return default;
                }

                Call.Sink.Verbose($"Trying again: {exception.Message}");
                await System.Threading.Tasks.Task.Delay(RetryDelay * attempt, Time, cancellationToken);
            }
        }
    }

    private const int MostAttempts = 3;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);
}
