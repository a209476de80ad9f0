using System.Globalization;
using System.IO.Compression;
using System.Text;
using Maintenance.Engine.Retention;
using Maintenance.Engine.Stores;
using Maintenance.IntegrationTests.Infrastructure;
using Maintenance.IntegrationTests.Maintain;
using Npgsql;

namespace Maintenance.IntegrationTests.Retention;

/// <summary>An archive in a store as retention writes it, made of rows that stay where they are; and what can happen to one.</summary>
internal sealed class WrittenArchive
{
    private readonly Dictionary<string, byte[]> _files = [];

    private WrittenArchive(IFileStore store, ArchiveManifest manifest) => (Store, Manifest) = (store, manifest);

    public IFileStore Store { get; }

    public ArchiveManifest Manifest { get; private set; }

    /// <summary>Name of the manifest in the store.</summary>
    public string Name => ArchiveNames.Manifest(Manifest.Parts[0].Name[..(Manifest.Parts[0].Name.LastIndexOf('/') + 1)]);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Writes the rows of a table, whose key is id and whose time is at, in files of so many keys.</summary>
    public static async Task<WrittenArchive> WriteAsync(MaintainedDatabase database, MaintenanceTarget target, string table, int rowsPerPart, bool checksum = true, string columns = "*")
    {
        var store = await new ArchiveStores().OpenAsync(target, Calls.Silent(), Token);
        var (id, now) = (Guid.NewGuid(), TimeProvider.System.GetUtcNow());
        var prefix = ArchiveNames.Prefix(ArchiveNames.FolderOf("public", table), id, now);
        await using var connection = await database.OpenAsync();
        await connection.ExecuteAsync("SET TimeZone = 'UTC'");
        var last = await connection.ScalarAsync<long>($"SELECT max(id)::bigint FROM {table}");
        var (parts, files) = (new List<ArchivePart>(), new Dictionary<string, byte[]>());
        for (var first = 1L; first <= last; first += rowsPerPart)
        {
            var rows = $"(SELECT {columns} FROM {table} WHERE id >= {first} AND id < {first + rowsPerPart}) AS rows";
            var text = await ExportAsync(connection, $"COPY (SELECT * FROM {rows}) TO STDOUT (FORMAT csv, HEADER, ENCODING 'UTF8')");
            var file = Compress(text);
            var name = ArchiveNames.Part(prefix, parts.Count + 1);
            files[name] = file;
            parts.Add(new ArchivePart
            {
                Number = parts.Count + 1,
                Name = name,
                Rows = await connection.ScalarAsync<long>($"SELECT count(*) FROM {rows}"),
                Bytes = text.Length,
                StoredBytes = file.Length,
                Sha256 = ArchiveManifests.Sha256(file),
                Checksum = checksum ? await connection.ScalarAsync<string>($"SELECT COALESCE(sum(hashtextextended(ROW(rows.*)::text, 0)), 0)::text FROM {rows}") : null,
                OldestTime = await connection.ScalarAsync<string>($"SELECT min(at)::text FROM {rows}"),
                NewestTime = await connection.ScalarAsync<string>($"SELECT max(at)::text FROM {rows}"),
            });
        }

        var archived = await ColumnsAsync(connection, table, columns);
        var archive = new WrittenArchive(store, new ArchiveManifest
        {
            Id = id,
            Target = database.Name,
            Database = database.Name,
            Schema = "public",
            Table = table,
            TimeColumn = "at",
            TimeColumnType = archived.First(column => column.Name == "at").Type,
            CutOff = now,
            Columns = archived,
            Parts = parts,
            Rows = parts.Sum(part => part.Rows),
            ServerVersion = "18",
            CreatedAt = now,
            FinishedAt = now,
        });
        foreach (var (name, content) in files)
        {
            archive._files[name] = content;
            await archive.PutAsync(name, content);
        }

        await archive.WriteManifestAsync(archive.Manifest);
        return archive;
    }

    public async Task WriteManifestAsync(ArchiveManifest manifest)
    {
        Manifest = manifest;
        await Store.PutAsync(Name, ArchiveManifests.Write(manifest), "application/json", Token);
    }

    public Task PutAsync(string name, byte[] content) => Store.PutAsync(name, content, "application/gzip", Token);

    /// <summary>The bytes of a part as they were written.</summary>
    public byte[] BytesOf(int number) => [.. _files[Manifest.Parts[number - 1].Name]];

    /// <summary>What a part holds, as text.</summary>
    public string TextOf(int number)
    {
        using var plain = new GZipStream(new MemoryStream(BytesOf(number)), CompressionMode.Decompress);
        return new StreamReader(plain).ReadToEnd();
    }

    /// <summary>Puts another file in the place of a part, and makes the manifest say that it is the one that was written.</summary>
    public async Task ForgeAsync(int number, string text, Func<ArchivePart, ArchivePart>? change = null)
    {
        var (bytes, part) = (Encoding.UTF8.GetBytes(text), Manifest.Parts[number - 1]);
        var file = Compress(bytes);
        await PutAsync(part.Name, file);
        var forged = part with { Bytes = bytes.Length, StoredBytes = file.Length, Sha256 = ArchiveManifests.Sha256(file) };
        await ChangeAsync(number, change is null ? forged : change(forged));
    }

    /// <summary>Makes the manifest say something else of a part.</summary>
    public Task ChangeAsync(int number, ArchivePart part)
    {
        ArchivePart[] parts = [.. Manifest.Parts.Select(other => other.Number == number ? part : other)];
        return WriteManifestAsync(Manifest with { Parts = parts, Rows = parts.Sum(other => other.Rows) });
    }

    /// <summary>Puts it on record in a database, with so many of its parts.</summary>
    public async Task RegisterAsync(MaintainedDatabase database, int parts, bool finished)
    {
        await database.Admin.ExecuteAsync(Engine.Database.SqlText.Read("Retention/Sql/Journal.sql"));
        await using (var command = new NpgsqlCommand(
            "INSERT INTO maintenance.archives (id, target, schema_name, table_name, store, prefix, time_column, time_column_type, cut_off, columns, server_version, claim, created_at, finished_at, manifest, manifest_sha256) VALUES ($1, 'x', 'public', $2, 'x', $3, 'at', $4, now(), $5::json, '18', gen_random_uuid(), now(), $6, $7, $8)",
            database.Admin))
        {
            foreach (var value in new object?[]
            {
                Manifest.Id, Manifest.Table, Name[..(Name.LastIndexOf('/') + 1)], Manifest.TimeColumnType, ArchiveManifests.WriteColumns(Manifest.Columns),
                finished ? Manifest.FinishedAt.UtcDateTime : null, finished ? Name : null, finished ? ArchiveManifests.Sha256(ArchiveManifests.Write(Manifest)) : null,
            })
            {
                command.Parameters.Add(new() { Value = value ?? DBNull.Value });
            }

            await command.ExecuteNonQueryAsync(Token);
        }

        foreach (var part in Manifest.Parts.Take(parts))
        {
            await database.Admin.ExecuteAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"INSERT INTO maintenance.archive_parts VALUES ('{Manifest.Id}', {part.Number}, '{part.Name}', {part.Rows}, {part.Bytes}, {part.StoredBytes}, '{part.Sha256}', {(part.Checksum is null ? "NULL" : $"'{part.Checksum}'")}, '{part.OldestTime}', '{part.NewestTime}')"));
        }
    }

    private static byte[] Compress(byte[] content)
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(content);
        }

        return memory.ToArray();
    }

    private static async Task<byte[]> ExportAsync(NpgsqlConnection connection, string copy)
    {
        using var reader = await connection.BeginTextExportAsync(copy, Token);
        return Encoding.UTF8.GetBytes(await reader.ReadToEndAsync(Token));
    }

    private static async Task<List<ArchivedColumn>> ColumnsAsync(NpgsqlConnection connection, string table, string columns)
    {
        await connection.ExecuteAsync("SET search_path = pg_catalog");
        await using var command = new NpgsqlCommand(
            "SELECT attname::text, format_type(atttypid, atttypmod), NOT attnotnull FROM pg_attribute WHERE attrelid = ('public.' || $1)::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum", connection);
        command.Parameters.Add(new() { Value = table });
        await using var reader = await command.ExecuteReaderAsync(Token);
        var found = new List<ArchivedColumn>();
        while (await reader.ReadAsync(Token))
        {
            found.Add(new ArchivedColumn(reader.GetString(0), reader.GetString(1), reader.GetBoolean(2)));
        }

        return columns == "*" ? found : [.. columns.Split(", ").Select(name => found.Single(column => column.Name == name))];
    }
}
