using Npgsql;
using NpgsqlTypes;

namespace Maintenance.IntegrationTests.Retention.Faults;

/// <summary>
/// What an application does meanwhile, in several sessions: inserts rows that are old already, changes rows and their times, deletes
/// some. Each operation writes what it has done into the table of truth, in the same statement, so that both are committed or neither.
/// </summary>
internal sealed class Writers : IAsyncDisposable
{
    private static readonly string[] Errors =
    [
        PostgresErrorCodes.DeadlockDetected,
        PostgresErrorCodes.SerializationFailure,
        // No partition for it at this moment.
        PostgresErrorCodes.CheckViolation,
    ];

    private readonly FaultBench _bench;
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Task> _running = [];
    private int _lastId;
    private int _operations;
    private int _refused;

    private Writers(FaultBench bench) => (_bench, _lastId) = (bench, bench.Case.Rows);

    /// <summary>Operations that were committed.</summary>
    public int Operations => _operations;

    /// <summary>Transactions that the server refused for a reason that applications must expect.</summary>
    public int Refused => _refused;

    public static async Task<Writers> StartAsync(FaultBench bench, int count = 3)
    {
        var writers = new Writers(bench);
        for (var number = 0; number < count; number++)
        {
            var connection = await bench.OpenAsync();
            var random = new Random(bench.Case.Seed * 31 + number);
            writers._running.Add(Task.Run(() => writers.WriteAsync(connection, random)));
        }

        return writers;
    }

    /// <summary>Lets them work for so many more operations.</summary>
    public async Task MoreAsync(int operations, CancellationToken cancellationToken)
    {
        var until = _operations + operations;
        while (_operations < until && _running.TrueForAll(task => !task.IsCompleted))
        {
            await Task.Delay(5, cancellationToken);
        }
    }

    /// <summary>Inserts more rows, most of them due, all at once.</summary>
    public Task AddAsync(int count) => _bench.FillAsync(Interlocked.Add(ref _lastId, count) - count, count);

    /// <summary>Ends them; throws what none of them expected.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_running);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task WriteAsync(NpgsqlConnection connection, Random random)
    {
        await using var closing = connection;
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await using var transaction = await connection.BeginTransactionAsync();
                var operations = random.Next(1, 5);
                for (var number = 0; number < operations; number++)
                {
                    await OperateAsync(connection, random);
                    if (random.Next(5) == 0)
                    {
                        await Task.Delay(random.Next(8));
                    }
                }

                if (random.Next(10) == 0)
                {
                    await transaction.RollbackAsync();
                }
                else
                {
                    await transaction.CommitAsync();
                    Interlocked.Add(ref _operations, operations);
                }
            }
            catch (PostgresException exception) when (Errors.Contains(exception.SqlState))
            {
                Interlocked.Increment(ref _refused);
            }

            // Without a pause they would be faster than any run on a slow machine.
            await Task.Delay(random.Next(2, 25));
        }
    }

    private async Task OperateAsync(NpgsqlConnection connection, Random random)
    {
        // Mostly rows that are to go soon, and such that were passed already.
        var id = random.Next(1, Volatile.Read(ref _lastId) + 1);
        switch (random.Next(100))
        {
            case < 30:
                await RunAsync(connection, FaultBench.Insert, Interlocked.Increment(ref _lastId), FaultBench.Old(random), Note(random));
                break;
            case < 38:
                await RunAsync(connection, FaultBench.Insert, Interlocked.Increment(ref _lastId), _bench.Young(random), Note(random));
                break;
            case < 41:
                await RunAsync(connection, FaultBench.Insert, Interlocked.Increment(ref _lastId), FaultBench.AroundCutOff(random), Note(random));
                break;
            case < 65:
                await RunAsync(connection, FaultBench.Change, id, Note(random));
                break;
            case < 77:
                await RunAsync(connection, FaultBench.ChangeTime, id, _bench.Young(random));
                break;
            case < 89:
                await RunAsync(connection, FaultBench.ChangeTime, id, FaultBench.Old(random));
                break;
            default:
                await RunAsync(connection, FaultBench.Delete, id);
                break;
        }
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql, params object?[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(parameter is null ? new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text } : new NpgsqlParameter { Value = parameter });
        }

        await command.ExecuteNonQueryAsync();
    }

    // Texts that a file of values must not confuse.
    private static string? Note(Random random) => random.Next(9) switch
    {
        0 => null,
        1 => "",
        2 => FaultBench.Hold,
        3 => "a, \"b\"",
        4 => "line\nbreak\r\n",
        5 => "\\.",
        6 => "\\N",
        7 => " Zoë 🐘\t",
        _ => new string('x', random.Next(200)),
    };
}
