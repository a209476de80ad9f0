using Maintenance.Engine.Database;
using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using Maintenance.Engine.Resilience;
using Npgsql;
using NpgsqlTypes;
using Polly;

namespace Maintenance.Engine.Retention;

/// <summary>
/// Runs batches: each one statement in one transaction, prepared once, under the watchdog; smaller and again where somebody is in the
/// way, and then without the rows that they have locked.
/// </summary>
internal sealed class BatchTaker : IAsyncDisposable
{
    /// <summary>How long a commit that has been sent may still take when the work is to end: what it did should be known.</summary>
    private static readonly TimeSpan CommitGrace = TimeSpan.FromSeconds(5);

    private readonly RetentionWork _work;
    private readonly ResiliencePipeline _retry;
    private readonly Dictionary<string, NpgsqlCommand> _commands = [];

    // Made for this run and kept nowhere: nobody can find out afterwards what a pseudonym stands for.
    private readonly string _secret = Convert.ToHexString(RandomNumberGenerator.GetBytes(32));

    /// <param name="work">The work.</param>
    /// <param name="size">How much a batch takes.</param>
    /// <param name="proof">Looks at each batch before it is committed.</param>
    public BatchTaker(RetentionWork work, BatchSize size, BatchProof proof)
    {
        (_work, Size, Proof) = (work, size, proof);
        _retry = ResiliencePipelines.Batch(work.Time, work.Call.Sink, size.Shrink);
    }

    public BatchSize Size { get; }

    public BatchProof Proof { get; }

    /// <summary>Takes a batch.</summary>
    /// <param name="statement">The statement.</param>
    /// <param name="ofFree">The same, which leaves out rows that others have locked.</param>
    /// <param name="request">What to take.</param>
    /// <param name="cancellationToken">Ends it; a batch is taken back or committed, never half.</param>
    /// <exception cref="MaintenanceException">LockTimeout or BlockedOthers when the table itself is not to be had; what a batch comes to otherwise.</exception>
    public async Task<BatchOutcome> TakeAsync(string statement, string ofFree, BatchRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await _retry.ExecuteAsync(async token => await OnceAsync(statement, request, token), cancellationToken);
        }
        // Locking rows before they are deleted takes the right to update them.
        catch (MaintenanceException exception) when (BatchErrors.IsContention(exception) && _work.Facts.Table.MayUpdate)
        {
            _work.Call.Sink.Verbose($"{exception.Message} Rows that others have locked are left out this time.");
            return await _retry.ExecuteAsync(async token => await OnceAsync(ofFree, request, token), cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var command in _commands.Values)
        {
            await command.DisposeAsync();
        }
    }

    private async Task<BatchOutcome> OnceAsync(string statement, BatchRequest request, CancellationToken cancellationToken)
    {
        var outcome = await _work.Watchdog.RunAsync(
            _work.Session,
            statement,
            async (connection, token) =>
            {
                try
                {
                    return await RunAsync(connection, statement, request, token);
                }
                catch (PostgresException error) when (BatchErrors.Translate(error, _work.Facts) is { } translated)
                {
                    throw translated;
                }
            },
            cancellationToken,
            taken => string.Create(CultureInfo.InvariantCulture, $"{_work.Policy.Action} of {taken.Rows} row(s)"));
        Proof.Add(outcome);
        if (outcome.Rows > 0)
        {
            _work.Tally.Add(outcome.Rows, outcome.Bytes, outcome.Took);
            _work.Progress.Tell(_work.Tally.Rows);
        }

        await _work.Reached(FaultPoint.BatchCommitted);
        return outcome;
    }

    private async Task<BatchOutcome> RunAsync(NpgsqlConnection connection, string statement, BatchRequest request, CancellationToken cancellationToken)
    {
        var command = await CommandAsync(connection, statement, cancellationToken);
        var size = Size.Rows;
        var started = _work.Time.GetTimestamp();
        // A role may have another level by default. At this one a row that somebody changed goes in its newest version.
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.ReadCommitted, cancellationToken);
        command.Transaction = transaction;
        object[] values = [request.From, request.End, (long)size, _secret, request.At, request.At + size];
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i];
        }

        var outcome = await ReadAsync(command, size, cancellationToken);
        Proof.Check(outcome);
        await _work.Reached(FaultPoint.BatchTaken);
        await CommitAsync(transaction, outcome.Rows, cancellationToken);
        return outcome with { Took = _work.Time.GetElapsedTime(started) };
    }

    private async Task CommitAsync(NpgsqlTransaction transaction, long rows, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var grace = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _work.Time);
        await using var ending = cancellationToken.Register(() => grace.CancelAfter(CommitGrace));
        try
        {
            await transaction.CommitAsync(grace.Token);
        }
        catch (Exception exception) when (exception is not PostgresException && rows > 0)
        {
            _work.Tally.Notes.Add(string.Create(CultureInfo.InvariantCulture, $"The connection was lost while a batch of {rows:N0} row(s) was being committed; whether it was, only the tables tell. It is not counted here."));
            throw;
        }
    }

    private static async Task<BatchOutcome> ReadAsync(NpgsqlCommand command, int size, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new BatchOutcome
        {
            Rows = reader.GetInt64(0),
            Arrived = reader.GetInt64(1),
            Bytes = reader.IsDBNull(2) ? null : reader.GetInt64(2),
            Before = SumAt(reader, 3),
            After = SumAt(reader, 4),
            Reached = reader.IsDBNull(5) ? null : reader.GetString(5),
            Chosen = reader.IsDBNull(6) ? null : reader.GetInt64(6),
            Size = size,
        };
    }

    private static BigInteger? SumAt(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : BigInteger.Parse(reader.GetString(column), CultureInfo.InvariantCulture);

    private async Task<NpgsqlCommand> CommandAsync(NpgsqlConnection connection, string statement, CancellationToken cancellationToken)
    {
        if (_commands.TryGetValue(statement, out var known))
        {
            return known;
        }

        var command = new NpgsqlCommand(SqlText.Marked(statement), connection);
        foreach (var type in new[] { NpgsqlDbType.Text, NpgsqlDbType.Text, NpgsqlDbType.Bigint, NpgsqlDbType.Text, NpgsqlDbType.Bigint, NpgsqlDbType.Bigint })
        {
            command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = type });
        }

        await command.PrepareAsync(cancellationToken);
        return _commands[statement] = command;
    }
}
