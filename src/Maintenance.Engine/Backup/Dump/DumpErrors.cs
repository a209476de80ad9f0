using Maintenance.Engine.Programs;
using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Backup.Dump;

/// <summary>Why a backup could not be made, by what pg_dump wrote or the store threw. Pure.</summary>
internal static class DumpErrors
{
    private const string NothingMade = "No backup was made.";
    private const int NoSpace = 28;
    private const int DiskFull = unchecked((int)0x80070070);

    /// <summary>The error for a pg_dump that failed.</summary>
    /// <param name="result">Its exit code and what it wrote.</param>
    /// <param name="facts">Whose database it was.</param>
    public static MaintenanceException OfProgram(ProgramResult result, DumpFacts facts)
    {
        var said = Harmless(LastLines.Of(result.Output));
        bool Says(string words) => result.Output.Contains(words, StringComparison.Ordinal);
        var (code, recommendation) = result.Output switch
        {
            _ when Says("row-level security policy") => (
                MaintenanceErrorCode.PermissionDenied,
                $"Rows that a policy hides would be missing. ALTER ROLE {facts.Role} BYPASSRLS; or dump as the owner of the tables."),
            _ when Says("permission denied for") => (MaintenanceErrorCode.PermissionDenied, Grant(facts)),
            _ when Says("due to lock timeout") || Says("could not obtain lock") => (
                MaintenanceErrorCode.LockTimeout, "Somebody holds ACCESS EXCLUSIVE on a table (see Get-DbSession -Blocking). Try again when they are done."),
            _ when Says("password authentication failed") || Says("no password supplied") => (
                MaintenanceErrorCode.AuthenticationFailed, "Check user name and password, and that pg_dump may log in as this session does."),
            _ when Says("No space left on device") => (
                MaintenanceErrorCode.ProgramFailed, "Make room in the temporary folder (recovery.scratchPath in maintenance.json names another one), or use a format that needs none: Custom."),
            _ when Says("terminating connection") || Says("server closed the connection") => (
                MaintenanceErrorCode.ProgramFailed, "Somebody ended its session, or the server restarted: its log says who. Then run it again."),
            _ => (MaintenanceErrorCode.ProgramFailed, "See the server's log for the statement, and run it again."),
        };
        return new MaintenanceException(
            code, FormattableString.Invariant($"pg_dump of '{facts.Database}' on '{facts.Target}' failed (exit code {result.ExitCode}): {said} {NothingMade}"), recommendation);
    }

    /// <summary>What lets a role read everything.</summary>
    public static string Grant(DumpFacts facts) => facts.MajorVersion >= 14
        ? $"GRANT pg_read_all_data TO {facts.Role};"
        : $"GRANT SELECT ON ALL TABLES IN SCHEMA ... TO {facts.Role}; and the same for its sequences, in every schema; before PostgreSQL 14 no role reads all.";

    /// <summary>The error for what a store threw while it was written to.</summary>
    /// <param name="exception">What it threw.</param>
    /// <param name="store">The store.</param>
    public static Exception OfStore(Exception exception, IFileStore store)
    {
        var translated = exception switch
        {
            UnauthorizedAccessException => new MaintenanceException(
                MaintenanceErrorCode.PermissionDenied, $"The store {store.Place} may not be written to: {exception.Message} {NothingMade}", "Let the account that runs this write to the folder."),
            DirectoryNotFoundException => StoreErrors.FolderNotFound(store.Place, isFile: false, NothingMade),
            IOException { HResult: NoSpace or DiskFull } => new MaintenanceException(
                MaintenanceErrorCode.StoreError, $"There is no space left in the store {store.Place}. {NothingMade}", "Make room there; rules in backups.keep delete old backups after each new one."),
            IOException => new MaintenanceException(
                MaintenanceErrorCode.StoreError, $"The store {store.Place} could not be written to: {Harmless(exception.Message)} {NothingMade}", "Check the disk or the network share."),
            _ => StoreErrors.Translate(exception, store.Place, NothingMade),
        };
        if (translated is MaintenanceException { Code: MaintenanceErrorCode.StoreAuthenticationFailed })
        {
            store.Forget();
        }

        return translated;
    }

    // What a server or a program wrote may hold anything, also what a terminal would obey.
    private static string Harmless(string text) => string.Concat(text.Select(character => char.IsControl(character) ? ' ' : character));
}

/// <summary>What is known of a database before it is dumped.</summary>
/// <param name="Target">Name of the maintained system.</param>
/// <param name="Database">The database.</param>
/// <param name="Role">The role, quoted by the server.</param>
/// <param name="ServerVersion">Version of the server.</param>
/// <param name="MajorVersion">Its major version.</param>
/// <param name="SizeBytes">Size of the database.</param>
/// <param name="SystemIdentifier">Identifier of the cluster; null where it may not be read.</param>
internal sealed record DumpFacts(string Target, string Database, string Role, string ServerVersion, int MajorVersion, long SizeBytes, string? SystemIdentifier);
