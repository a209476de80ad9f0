using Maintenance.Engine.Backup.Testing;
using Maintenance.Engine.Database;
using Npgsql;

namespace Maintenance.Engine.Backup.Restore;

/// <summary>Runs the user's statements in the restored database, each in a read-only transaction, and compares what they give.</summary>
/// <param name="work">The test.</param>
/// <param name="database">What was restored.</param>
internal sealed class AssertionCheck(TestWork work, RestoredDatabase database)
{
    private BackupLevel Level => work.Options.Level;

    /// <summary>Does the check.</summary>
    /// <param name="isSample">True if not all rows are there, so that a failure may mean no more than that.</param>
    /// <param name="lacksExtensions">True if what needs extensions that are not here was not restored.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RunAsync(bool isSample, bool lacksExtensions, CancellationToken cancellationToken)
    {
        var name = work.Manifest?.Database ?? work.Backup.Database;
        var assertions = (work.Target?.Recovery.Assertions ?? []).Concat(work.Options.Assertions).Where(assertion => assertion.Database is null || assertion.Database == name);
        foreach (var assertion in assertions)
        {
            var check = $"Assertion {assertion.Name}";
            if (isSample)
            {
                work.Manual(check, Level, "Not asked: a sample does not hold all rows. The level Full asks it.");
                continue;
            }

            await AssertAsync(check, assertion, lacksExtensions, cancellationToken);
        }
    }

    /// <summary>Whether what a statement gave is what was expected. Truth is written in several ways.</summary>
    /// <param name="expected">What was expected; null for true.</param>
    /// <param name="found">What came; null for NULL.</param>
    internal static bool IsMet(string? expected, string? found) => expected switch
    {
        null or "true" or "True" or "t" => found is "t" or "true",
        "false" or "False" or "f" => found is "f" or "false",
        _ => expected == found,
    };

    private async Task AssertAsync(string check, RecoveryAssertion assertion, bool lacksExtensions, CancellationToken cancellationToken)
    {
        try
        {
            var found = await AskAsync(assertion.Sql, cancellationToken);
            if (IsMet(assertion.Expected, found))
            {
                work.Pass(check, Level, $"It gave {found}.");
                return;
            }

            work.Fail(check, Level, BackupFault.AssertionFailed, $"{assertion.Name} gave {found ?? "nothing"}, and {assertion.Expected ?? "true"} was expected.");
        }
        catch (MaintenanceException exception) when (lacksExtensions && exception.Code != MaintenanceErrorCode.DatabaseUnreachable && !ScratchSpace.IsFullDisk(exception))
        {
            work.Unknown(check, Level, $"{assertion.Name} could not be asked: {exception.Message} What needs the extensions that are not here was not restored.");
            return;
        }
        catch (MaintenanceException exception) when (exception.Code != MaintenanceErrorCode.DatabaseUnreachable && !ScratchSpace.IsFullDisk(exception))
        {
            work.Fail(check, Level, BackupFault.AssertionFailed, $"{assertion.Name} failed: {exception.Message}");
        }

        work.Advice ??= "Ask the same of the system itself, to see whether the backup or the expectation is wrong.";
    }

    private async Task<string?> AskAsync(string sql, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await RestoredDatabase.RunAsync(
            async () =>
            {
                await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
                await using (var prelude = new NpgsqlCommand(SqlText.ReadMarked("Backup/Restore/Sql/AssertionPrelude.sql"), connection, transaction))
                {
                    await prelude.ExecuteNonQueryAsync(cancellationToken);
                }

                // As text, as the server writes it, whatever its type.
                await using var command = new NpgsqlCommand(sql, connection, transaction) { AllResultTypesAreUnknown = true };
                string? found;
                await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
                {
                    found = await reader.ReadAsync(cancellationToken) && reader.FieldCount > 0 && !await reader.IsDBNullAsync(0, cancellationToken) ? reader.GetString(0) : null;
                }

                await transaction.RollbackAsync(cancellationToken);
                return found;
            },
            cancellationToken);
    }
}
