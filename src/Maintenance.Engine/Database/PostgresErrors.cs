using System.Net.Sockets;
using Maintenance.Engine.Resilience;
using Npgsql;

namespace Maintenance.Engine.Database;

/// <summary>The one place where errors of the server and the driver get our codes, and what to do about them.</summary>
internal static class PostgresErrors
{
    private const string NotAsked = "The server was not asked: ";

    /// <summary>Translates an exception. Cancellation stays cancellation if it was asked for.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="target">The target it happened with.</param>
    /// <param name="cancellationToken">The token of the operation.</param>
    public static Exception Translate(Exception exception, MaintenanceTarget target, CancellationToken cancellationToken)
    {
        if (exception is MaintenanceException)
        {
            return exception;
        }

        if (cancellationToken.IsCancellationRequested)
        {
            return new OperationCanceledException("The operation was cancelled.", exception, cancellationToken);
        }

        return exception switch
        {
            PostgresException postgres => FromServer(postgres, target),
            NpgsqlException { InnerException: PostgresException postgres } => FromServer(postgres, target),
            NpgsqlException { InnerException: TimeoutException } or TimeoutException => Silent(target, "it said nothing in the time that connecting may take"),
            NpgsqlException or SocketException or IOException => Unreachable(exception, target),
            OperationCanceledException => new MaintenanceException(
                MaintenanceErrorCode.DeadlineExceeded,
                $"The database of '{target.Name}' did not finish in time.",
                "Allow more time with -TimeoutSeconds, or look for blocked sessions."),
            _ => exception,
        };
    }

    /// <summary>The error for a server that was asked and says nothing.</summary>
    /// <param name="target">The target.</param>
    /// <param name="seen">What was seen of that, as the end of a sentence.</param>
    public static MaintenanceException Silent(MaintenanceTarget target, string seen) => new(
        MaintenanceErrorCode.DatabaseUnreachable,
        $"The database server of '{target.Name}' ({target.Database}) does not answer: {seen}.",
        "See whether it is frozen: look at its machine (is it up, paused, out of memory or disk?) and at the server's log, and restart it if it hangs. If it is well, check host and port, and that no firewall drops the connection.",
        "Silence");

    /// <summary>Whether the server answered that it, the database or the role has no connection left.</summary>
    /// <param name="exception">What came of connecting.</param>
    public static bool IsNoConnectionLeft(MaintenanceException exception) =>
        exception is { Code: MaintenanceErrorCode.DatabaseUnreachable, Detail: PostgresErrorCodes.TooManyConnections };

    /// <summary>
    /// Whether the server was tried, and does not answer or takes no connection: it is down for everybody. Not where this machine could not ask
    /// (no such name, no network, TLS settings), nor where somebody ended our session alone.
    /// </summary>
    /// <param name="exception">What came of asking.</param>
    public static bool IsDown(MaintenanceException exception) =>
        exception is { Code: MaintenanceErrorCode.DatabaseUnreachable, Detail: not PostgresErrorCodes.AdminShutdown }
        && exception.Detail?.StartsWith(NotAsked, StringComparison.Ordinal) != true;

    // Only what is known to be silence is: the driver has errors of its own, too.
    private static bool IsSilence(Exception exception) => exception.GetBaseException() switch
    {
        SocketException socket => !OwnNetwork.IsAtFault(socket.SocketErrorCode),
        FileNotFoundException or DirectoryNotFoundException => false,
        IOException or TimeoutException => true,
        _ => false,
    };

    private static MaintenanceException Unreachable(Exception exception, MaintenanceTarget target)
    {
        var cause = exception.GetBaseException().Message;
        if (exception.Message.Contains("password", StringComparison.OrdinalIgnoreCase))
        {
            // Npgsql finds out itself that the server asks for a password and none was given.
            return new MaintenanceException(
                MaintenanceErrorCode.AuthenticationFailed,
                $"The server of '{target.Name}' asks for a password and none was given.",
                "Set database.password in maintenance.json to env:NAME or secret:Vault/Name, or connect with -Credential.");
        }

        return new MaintenanceException(
            MaintenanceErrorCode.DatabaseUnreachable,
            $"The database server of '{target.Name}' ({target.Database}) cannot be reached: {cause.TrimEnd('.')}.",
            "Check that the server runs, and that host, port and TLS settings are right.",
            IsSilence(exception) ? exception.Message : NotAsked + exception.Message);
    }

    private static MaintenanceException FromServer(PostgresException error, MaintenanceTarget target)
    {
        // The server's own words may quote data (a row that violates a constraint is in its detail); the message text is kept, the detail is not.
        var (code, message, recommendation) = error.SqlState switch
        {
            // The name of the file is not translated.
            PostgresErrorCodes.InvalidAuthorizationSpecification when error.MessageText.Contains("pg_hba.conf", StringComparison.Ordinal) => (
                MaintenanceErrorCode.AuthenticationFailed,
                $"The server of '{target.Name}' lets nobody log in this way ({target.Database}): {error.MessageText}.",
                "It was not a matter of the password. Let an administrator allow this role, database, address and encryption in the server's pg_hba.conf and reload it (SELECT pg_reload_conf();), or connect as it allows."),
            PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification => (
                MaintenanceErrorCode.AuthenticationFailed,
                $"The server of '{target.Name}' refused the login ({target.Database}): {error.MessageText}.",
                "Check user name and password. The secret is looked up again with the next command."),
            PostgresErrorCodes.InvalidCatalogName => (
                MaintenanceErrorCode.DatabaseNotFound,
                $"The server of '{target.Name}' has no such database: {error.MessageText}.",
                "Check database.database in maintenance.json or -Database."),
            PostgresErrorCodes.InsufficientPrivilege => (
                MaintenanceErrorCode.PermissionDenied,
                $"The role lacks a privilege on '{target.Name}': {error.MessageText}.",
                "For reading: GRANT pg_monitor TO the role. Test-MaintenanceConfiguration -Connect names what each cmdlet needs."),
            PostgresErrorCodes.QueryCanceled => (
                MaintenanceErrorCode.StatementTimeout,
                $"A statement on '{target.Name}' ran longer than it may: {error.MessageText}.",
                "Allow more time with -TimeoutSeconds, or look for what holds it up."),
            PostgresErrorCodes.LockNotAvailable => (
                MaintenanceErrorCode.LockTimeout,
                $"A lock on '{target.Name}' was not to be had in time: {error.MessageText}.",
                "Somebody else holds it. Try again when they are done."),
            PostgresErrorCodes.ReadOnlySqlTransaction => (
                MaintenanceErrorCode.DatabaseReadOnly,
                $"The database of '{target.Name}' is read-only: {error.MessageText}.",
                "Connect to the primary server."),
            PostgresErrorCodes.TooManyConnections => (
                MaintenanceErrorCode.DatabaseUnreachable,
                $"The server of '{target.Name}' has no connection left: {error.MessageText}.",
                "Close sessions, or raise max_connections. superuser_reserved_connections keeps a way in for an administrator."),
            // Only who is connected already is told this; who comes while the server stops gets CannotConnectNow.
            PostgresErrorCodes.AdminShutdown => (
                MaintenanceErrorCode.DatabaseUnreachable,
                $"The server of '{target.Name}' ended our connection: {error.MessageText}. Somebody ended the session, or the server is shutting down.",
                "Ask who did (the server's log has the time). If the server takes connections, run it again."),
            PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.CrashShutdown => (
                MaintenanceErrorCode.DatabaseUnreachable,
                $"The server of '{target.Name}' does not take connections now: {error.MessageText}.",
                "It is starting, stopping or recovering. Try again in a moment."),
            PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn or PostgresErrorCodes.UndefinedObject => (
                MaintenanceErrorCode.ObjectNotFound,
                $"The database of '{target.Name}' lacks something that was expected: {error.MessageText}.",
                "Check that the schema is complete and the role may see it."),
            PostgresErrorCodes.DiskFull or PostgresErrorCodes.ConfigurationLimitExceeded => (
                MaintenanceErrorCode.DatabaseError,
                $"The server of '{target.Name}' ran out of space ({error.SqlState}): {error.MessageText}.",
                "Make room on its disk, or raise the limit that the message names, and run it again."),
            // Two that wait for each other: the server has ended ours. Nobody has to do anything but try again.
            PostgresErrorCodes.DeadlockDetected => (
                MaintenanceErrorCode.LockTimeout,
                $"A lock on '{target.Name}' could not be had: {error.MessageText}.",
                "Somebody else waited for us too. Try again when they are done."),
            PostgresErrorCodes.ObjectNotInPrerequisiteState => (
                MaintenanceErrorCode.DatabaseError,
                $"The server of '{target.Name}' is not set up for this: {error.MessageText}.",
                // The name of the setting is not translated.
                error.MessageText.Contains("shared_preload_libraries", StringComparison.Ordinal)
                    ? "Add the library that the message names to shared_preload_libraries in postgresql.conf, beside what stands there, and restart the server."
                    : "The server's message says what has to be so first."),
            _ => (
                MaintenanceErrorCode.DatabaseError,
                $"The server of '{target.Name}' reported an error ({error.SqlState}): {error.MessageText}.",
                "See the server's log for the statement."),
        };

        return new MaintenanceException(code, message, recommendation, error.SqlState);
    }
}
