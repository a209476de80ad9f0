using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Maintenance.Engine.Database;

/// <summary>Tells what is asked of a server, and how long it took: statements without literals, and no values.</summary>
internal sealed class SessionStory(IMaintenanceSink sink)
{
    /// <summary>As much of a statement as is worth reading beside what it is called.</summary>
    private const int ShownLength = 160;

    // Statements are asked again and again, and their texts never change.
    private static readonly ConcurrentDictionary<string, string> Statements = new();

    /// <summary>Tells whom it talks to.</summary>
    /// <param name="session">The session, as it was opened.</param>
    /// <param name="task">What it is for.</param>
    /// <param name="began">When opening it began, as <see cref="Stopwatch.GetTimestamp"/> says.</param>
    public void Opened(DatabaseSession session, string task, long began) => sink.Verbose(string.Create(CultureInfo.InvariantCulture,
        $"Session '{task}' of '{session.Target.Name}': database {session.Database} on {session.Connection.Host}:{session.Connection.Port} as {session.User}, PostgreSQL {session.ServerVersion}{(session.IsStandby ? ", a standby" : "")}{(session.IsPooled ? ", through a pooler" : "")} ({Time(began)})."));

    /// <summary>Does it, and tells what came of it.</summary>
    /// <typeparam name="T">Type of the result.</typeparam>
    /// <param name="sqlPath">The SQL text's path.</param>
    /// <param name="result">What to say of the result.</param>
    /// <param name="ask">Asks the server.</param>
    public Task<T> TellAsync<T>(string sqlPath, Func<T, string> result, Func<Task<T>> ask) => TellOfAsync(Statement(sqlPath), result, ask);

    /// <summary>Does it, and tells what came of it.</summary>
    /// <typeparam name="T">Type of the result.</typeparam>
    /// <param name="statement">The statement, which was composed.</param>
    /// <param name="result">What to say of the result.</param>
    /// <param name="ask">Asks the server.</param>
    public Task<T> TellTextAsync<T>(string statement, Func<T, string> result, Func<Task<T>> ask) => TellOfAsync(Shown(statement), result, ask);

    /// <summary>A statement as it is told: without literals.</summary>
    /// <param name="statement">The statement.</param>
    public static string Shown(string statement) => QueryText.Redact(statement, ShownLength);

    private async Task<T> TellOfAsync<T>(string statement, Func<T, string> result, Func<Task<T>> ask)
    {
        var began = Stopwatch.GetTimestamp();
        try
        {
            var answer = await ask();
            sink.Verbose($"{statement}: {result(answer)} ({Time(began)}).");
            return answer;
        }
        catch (Exception exception) when (exception is MaintenanceException or OperationCanceledException)
        {
            sink.Verbose($"{statement}: {(exception is MaintenanceException { Code: var code } ? code : "cancelled")} ({Time(began)}).");
            throw;
        }
    }

    private static string Statement(string sqlPath) =>
        Statements.GetOrAdd(sqlPath, static path => $"{Path.GetFileNameWithoutExtension(path)}: {Shown(SqlText.Read(path))}");

    private static string Time(long began) => string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(began).TotalMilliseconds:0.#} ms");
}
