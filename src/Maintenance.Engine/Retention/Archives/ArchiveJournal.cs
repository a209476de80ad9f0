using Maintenance.Engine.Database;
using Npgsql;

namespace Maintenance.Engine.Retention;

/// <summary>The tables in which archives are on record, in the database that the rows leave.</summary>
internal static class ArchiveJournal
{
    /// <summary>Whether there is anything to look into.</summary>
    public static async Task<bool> ExistsAsync(DatabaseSession session, CancellationToken cancellationToken) =>
        (await StateAsync(session, cancellationToken)).IsComplete;

    /// <summary>Makes the tables where they are missing.</summary>
    /// <exception cref="MaintenanceException">PermissionDenied, with what an administrator is to run.</exception>
    public static async Task EnsureAsync(DatabaseSession session, CancellationToken cancellationToken)
    {
        var state = await StateAsync(session, cancellationToken);
        if (!state.IsComplete)
        {
            if (!state.MayCreate && !state.IsBegun)
            {
                throw new MaintenanceException(
                    MaintenanceErrorCode.PermissionDenied,
                    $"The role {state.Role} may not make the schema maintenance in {state.Database}, where it is kept which rows are in which file.",
                    $"GRANT CREATE ON DATABASE {state.Database} TO {state.Role};");
            }

            await CreateAsync(session, cancellationToken);
            state = await StateAsync(session, cancellationToken);
        }

        if (state.Lacking is { } lacking)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.PermissionDenied,
                $"The role {state.Role} may not write to {lacking}, where it is kept which rows are in which file.",
                $"GRANT USAGE ON SCHEMA maintenance TO {state.Role}; GRANT SELECT, INSERT, UPDATE, DELETE ON {lacking} TO {state.Role};");
        }
    }

    /// <summary>Whether an earlier archive is in a store.</summary>
    public static async Task<bool> HasArchivesInAsync(DatabaseSession session, string store, CancellationToken cancellationToken) =>
        (await session.QueryAsync("Retention/Sql/HasArchivesIn.sql", row => row.GetBoolean(0), cancellationToken, store))[0];

    /// <summary>Puts an archive on record.</summary>
    public static Task RegisterAsync(DatabaseSession session, ArchiveRecord archive, CancellationToken cancellationToken) => session.ExecuteAsync(
        "Retention/Sql/RegisterArchive.sql",
        cancellationToken,
        archive.Id, archive.Target, archive.Schema, archive.Table, archive.Store, archive.Prefix, archive.TimeColumn, archive.TimeColumnType,
        archive.CutOff.UtcDateTime, ArchiveManifests.WriteColumns(archive.Columns), archive.ServerVersion, archive.Claim, archive.CreatedAt.UtcDateTime);

    /// <summary>Puts a part on record, in the transaction that deletes its rows.</summary>
    /// <exception cref="MaintenanceException">AlreadyRunning, if the archive is not ours any more; the transaction must not be committed.</exception>
    public static async Task RecordPartAsync(NpgsqlConnection connection, ArchiveRecord archive, ArchivePart part, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SqlText.ReadMarked("Retention/Sql/RecordPart.sql"), connection);
        object?[] values = [archive.Id, archive.Claim, part.Number, part.Name, part.Rows, part.Bytes, part.StoredBytes, part.Sha256, part.Checksum, part.OldestTime, part.NewestTime];
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value ?? DBNull.Value });
        }

        if (await command.ExecuteNonQueryAsync(cancellationToken) != 1)
        {
            throw TakenOver(archive);
        }
    }

    /// <summary>Archives that a run has left. Whose claim is unknown: take it before anything is done with one.</summary>
    public static Task<List<ArchiveRecord>> UnfinishedAsync(DatabaseSession session, CancellationToken cancellationToken) => session.QueryAsync(
        "Retention/Sql/UnfinishedArchives.sql",
        row => new ArchiveRecord
        {
            Id = row.GetGuid(0),
            Target = row.GetString(1),
            Schema = row.GetString(2),
            Table = row.GetString(3),
            Store = row.GetString(4),
            Prefix = row.GetString(5),
            TimeColumn = row.GetString(6),
            TimeColumnType = row.GetString(7),
            CutOff = new DateTimeOffset(row.GetDateTime(8).ToUniversalTime()),
            Columns = ArchiveManifests.ReadColumns(row.GetString(9)),
            ServerVersion = row.GetString(10),
            CreatedAt = new DateTimeOffset(row.GetDateTime(11).ToUniversalTime()),
            Claim = Guid.NewGuid(),
        },
        cancellationToken);

    /// <summary>Takes an archive over: from now on nobody else adds to it. Waits for a transaction that is being decided.</summary>
    /// <returns>False if it is finished or gone.</returns>
    /// <exception cref="MaintenanceException">LockTimeout, if somebody is still about to add to it.</exception>
    public static async Task<bool> ClaimAsync(DatabaseSession session, ArchiveRecord archive, CancellationToken cancellationToken) =>
        await session.ExecuteAsync("Retention/Sql/ClaimArchive.sql", cancellationToken, archive.Id, archive.Claim) == 1;

    /// <summary>Whether an archive is still ours, once a transaction of ours that is being decided is over.</summary>
    /// <exception cref="MaintenanceException">LockTimeout, if it is not decided.</exception>
    public static async Task<bool> HoldAsync(DatabaseSession session, ArchiveRecord archive, CancellationToken cancellationToken) =>
        await session.ExecuteAsync("Retention/Sql/HoldArchive.sql", cancellationToken, archive.Id, archive.Claim) == 1;

    /// <summary>The parts whose rows have left.</summary>
    public static Task<List<ArchivePart>> PartsAsync(DatabaseSession session, Guid archive, CancellationToken cancellationToken) => session.QueryAsync(
        "Retention/Sql/ArchiveParts.sql",
        row => new ArchivePart
        {
            Number = row.GetInt32(0),
            Name = row.GetString(1),
            Rows = row.GetInt64(2),
            Bytes = row.GetInt64(3),
            StoredBytes = row.GetInt64(4),
            Sha256 = row.GetString(5),
            Checksum = row.IsDBNull(6) ? null : row.GetString(6),
            OldestTime = row.GetString(7),
            NewestTime = row.GetString(8),
        },
        cancellationToken,
        archive);

    /// <summary>Marks an archive as finished: nothing changes it any more.</summary>
    /// <exception cref="MaintenanceException">AlreadyRunning, if it is not ours any more.</exception>
    public static async Task FinishAsync(DatabaseSession session, ArchiveRecord archive, DateTimeOffset finishedAt, string manifest, string sha256, CancellationToken cancellationToken)
    {
        if (await session.ExecuteAsync("Retention/Sql/FinishArchive.sql", cancellationToken, archive.Id, archive.Claim, finishedAt.UtcDateTime, manifest, sha256) != 1)
        {
            throw TakenOver(archive);
        }
    }

    /// <summary>Takes an archive that holds nothing off the record.</summary>
    public static Task RemoveAsync(DatabaseSession session, ArchiveRecord archive, CancellationToken cancellationToken) =>
        session.ExecuteAsync("Retention/Sql/RemoveArchive.sql", cancellationToken, archive.Id, archive.Claim);

    /// <summary>The error for an archive that is not ours any more.</summary>
    public static MaintenanceException TakenOver(ArchiveRecord archive) => new(
        MaintenanceErrorCode.AlreadyRunning,
        $"Another run has taken over the archive {archive.Prefix} meanwhile, so nothing more was added to it.",
        "Run it again when the other one is done.");

    private static async Task<JournalState> StateAsync(DatabaseSession session, CancellationToken cancellationToken) => (await session.QueryAsync(
        "Retention/Sql/JournalState.sql",
        row => new JournalState(row.GetBoolean(0), row.GetBoolean(1), row.IsDBNull(2) ? null : row.GetString(2), row.GetBoolean(3), row.GetString(4), row.GetString(5)),
        cancellationToken))[0];

    private static async Task CreateAsync(DatabaseSession session, CancellationToken cancellationToken)
    {
        const string DuplicateKey = "23505";
        const string DuplicateTable = "42P07";
        try
        {
            await session.ExecuteAsync("Retention/Sql/Journal.sql", cancellationToken);
        }
        catch (MaintenanceException exception) when (exception.Detail is DuplicateKey or DuplicateTable)
        {
            // Somebody made them at the same moment.
            await session.ExecuteAsync("Retention/Sql/Journal.sql", cancellationToken);
        }
    }

    private sealed record JournalState(bool IsComplete, bool IsBegun, string? Lacking, bool MayCreate, string Role, string Database);
}
