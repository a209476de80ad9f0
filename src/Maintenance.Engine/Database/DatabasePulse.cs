using Maintenance.Engine.Resilience;
using Npgsql;

namespace Maintenance.Engine.Database;

/// <summary>
/// Whether a database that keeps silent is down, or only takes long: the one place where that is decided. It is asked with a new connection that
/// comes from no pool: one of the pool was open before the server froze, and its silence says nothing about the server.
/// </summary>
internal sealed class DatabasePulse(TimeProvider time)
{
    /// <summary>So long a new connection may take to open and answer. Ours: a server that works does both in a fraction of a second.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>In less than this time nobody can tell: a connection over a slow network takes as long.</summary>
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(2);

    /// <summary>So long a statement on a silent server may take to be given up: the driver waits for its cancellation.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(0.5);

    /// <summary>
    /// Runs work on a database within a time. Where that passes in silence, the last of it is for a new connection: either the server is down, or this
    /// takes too long.
    /// </summary>
    /// <typeparam name="T">Type of the result.</typeparam>
    /// <param name="target">The target.</param>
    /// <param name="what">Subject of the message: "Measuring the database of 'x'".</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="call">Where to read secrets and tell of retries.</param>
    /// <param name="work">The work.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="MaintenanceException">DatabaseUnreachable where the server is down; DeadlineExceeded where it answers, and the work was not done in time.</exception>
    public async Task<T> WatchAsync<T>(
        MaintenanceTarget target, string what, TimeSpan limit, CallContext call, Func<Deadline, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        var patience = limit < 2 * Least + 2 * Grace ? TimeSpan.Zero : Clamp(limit / 4);
        var allowed = patience == TimeSpan.Zero ? limit : limit - patience - (2 * Grace);
        var working = WorkAsync();
        try
        {
            // The driver does not let go of a server that says nothing: it is left behind.
            return patience == TimeSpan.Zero ? await working : await working.WaitAsync(allowed + Grace, time, CancellationToken.None);
        }
        catch (Exception exception) when (patience > TimeSpan.Zero && !cancellationToken.IsCancellationRequested
            && (exception is MaintenanceException { Code: MaintenanceErrorCode.DeadlineExceeded } || (exception is TimeoutException && !working.IsCompleted)))
        {
            var problem = exception as MaintenanceException ?? Deadline.Exceeded(what, allowed);
            await ExplainAsync(target, problem, patience, call, cancellationToken);
            throw new MaintenanceException(
                problem.Code, $"{problem.Message} The database answers a new connection, so it is not down: this question took too long.", problem.Recommendation, problem.Detail);
        }

        async Task<T> WorkAsync()
        {
            using var deadline = new Deadline(allowed, time, cancellationToken);
            return await deadline.RunAsync(what, token => work(deadline, token));
        }
    }

    /// <summary>
    /// Makes sure that whoever comes new is let in: sessions that were open before may go on while nobody else gets in. Whoever is refused was answered.
    /// </summary>
    /// <param name="target">The target.</param>
    /// <param name="limit">How long all of the work may take; a quarter of it, 5 s at the most, is for this. In less than 8 s nobody can tell, and nothing is asked.</param>
    /// <param name="call">Where to read secrets and tell of retries.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="MaintenanceException">DatabaseUnreachable where a new connection gets no answer.</exception>
    public async Task RequireEntryAsync(MaintenanceTarget target, TimeSpan limit, CallContext call, CancellationToken cancellationToken)
    {
        if (limit / 4 < Least)
        {
            return;
        }

        try
        {
            await AskAsync(target, Clamp(limit / 4), call, cancellationToken);
        }
        catch (MaintenanceException exception) when (!PostgresErrors.IsDown(exception))
        {
            call.Sink.Verbose($"The database of '{target.Name}' answers a new connection: {exception.Message}");
        }
    }

    /// <summary>Asks with a new connection. Throws what came of it, where it did not answer: DatabaseUnreachable, AuthenticationFailed, ...</summary>
    private async Task AskAsync(MaintenanceTarget target, TimeSpan patience, CallContext call, CancellationToken cancellationToken)
    {
        var connectionString = new NpgsqlConnectionStringBuilder(await ConnectionStrings.BuildAsync(target.Database!, call.Secrets, cancellationToken))
        {
            Pooling = false,
            Timeout = (int)Math.Ceiling(patience.TotalSeconds),
            CommandTimeout = (int)Math.Ceiling(patience.TotalSeconds),
            // A server that says nothing confirms nothing.
            CancellationTimeout = -1,
        }.ConnectionString;
        var asking = ResiliencePipelines.Connect(time, call.Sink).ExecuteAsync(async token => await AnswerAsync(connectionString, token), cancellationToken).AsTask();
        try
        {
            await asking.WaitAsync(patience, time, cancellationToken);
        }
        catch (TimeoutException) when (!asking.IsCompleted)
        {
            Forget(asking);
            throw Silent(target, patience);
        }
        catch (Exception exception) when (exception is not MaintenanceException)
        {
            Forget(asking);
            throw exception.GetBaseException() is TimeoutException && !cancellationToken.IsCancellationRequested
                ? Silent(target, patience)
                : PostgresErrors.Translate(exception, target, cancellationToken);
        }
    }

    private static TimeSpan Clamp(TimeSpan time) => time < Least ? Least : time > Patience ? Patience : time;

    private static MaintenanceException Silent(MaintenanceTarget target, TimeSpan patience) => PostgresErrors.Silent(
        target, FormattableString.Invariant($"a new connection got no answer within {patience.TotalSeconds:0.#} s"));

    private static async Task AnswerAsync(string connectionString, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(SqlText.ReadMarked("Database/Sql/Pulse.sql"), connection);
        await command.ExecuteScalarAsync(cancellationToken);
    }

    // It ends by itself at its own limits, and nobody waits for what comes of it.
    private static void Forget(Task task) => _ = task.ContinueWith(done => _ = done.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

    /// <summary>Says that the database is down, with all that was seen, where it is.</summary>
    private async Task ExplainAsync(MaintenanceTarget target, MaintenanceException problem, TimeSpan patience, CallContext call, CancellationToken cancellationToken)
    {
        try
        {
            await AskAsync(target, patience, call, cancellationToken);
        }
        catch (MaintenanceException exception) when (PostgresErrors.IsDown(exception))
        {
            throw new MaintenanceException(exception.Code, $"{exception.Message} Before that, {char.ToLowerInvariant(problem.Message[0])}{problem.Message[1..]}", exception.Recommendation, exception.Detail);
        }
        catch (MaintenanceException exception)
        {
            // Whoever is refused was answered.
            call.Sink.Verbose($"The database of '{target.Name}' answers a new connection: {exception.Message}");
        }
    }
}
