using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Maintenance.IntegrationTests.Infrastructure;
using Npgsql;

namespace Maintenance.IntegrationTests.Retention.Faults;

/// <summary>An archive store that a test can break, and reads by itself, without the engine's code.</summary>
internal abstract class FaultStore : IAsyncDisposable
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Makes a request use it.</summary>
    public abstract FaultRequest Into(FaultRequest request);

    /// <summary>From now on it does not answer.</summary>
    public abstract void Break();

    /// <summary>It is back, as it was.</summary>
    public abstract void Repair();

    public abstract ValueTask DisposeAsync();

    /// <summary>
    /// Copies the rows of all finished archives into the table <c>files</c>, and says what is wrong with the files: one that no manifest
    /// knows, one that is not what its manifest says.
    /// </summary>
    public async Task<IReadOnlyList<string>> ReadAsync(NpgsqlConnection connection)
    {
        var problems = new List<string>();
        var unknown = (await NamesAsync()).ToHashSet(StringComparer.Ordinal);
        foreach (var manifest in unknown.Where(name => name.EndsWith("/manifest.json", StringComparison.Ordinal)).ToList())
        {
            unknown.Remove(manifest);
            await using var text = await OpenAsync(manifest);
            using var document = await JsonDocument.ParseAsync(text, cancellationToken: Token);
            foreach (var part in document.RootElement.GetProperty("parts").EnumerateArray())
            {
                var name = part.GetProperty("name").GetString()!;
                if (unknown.Remove(name))
                {
                    await ReadPartAsync(connection, name, part, problems);
                }
                else
                {
                    problems.Add($"missing file: {name}, which {manifest} names");
                }
            }
        }

        return [.. problems, .. unknown.Select(name => $"file of no archive: {name}")];
    }

    protected abstract Task<IReadOnlyList<string>> NamesAsync();

    protected abstract Task<Stream> OpenAsync(string name);

    private async Task ReadPartAsync(NpgsqlConnection connection, string name, JsonElement part, List<string> problems)
    {
        using var content = new MemoryStream();
        await using (var source = await OpenAsync(name))
        {
            await source.CopyToAsync(content, Token);
        }

        if (Convert.ToHexStringLower(SHA256.HashData(content.ToArray())) != part.GetProperty("sha256").GetString())
        {
            problems.Add($"another hash than its manifest says: {name}");
        }

        content.Position = 0;
        await using var plain = new GZipStream(content, CompressionMode.Decompress);
        using var reader = new StreamReader(plain);
        var before = await connection.ScalarAsync<long>("SELECT count(*) FROM files");
        await using (var copy = await connection.BeginTextImportAsync($"COPY files ({await reader.ReadLineAsync(Token)}) FROM STDIN (FORMAT csv)", Token))
        {
            await copy.WriteAsync((await reader.ReadToEndAsync(Token)).AsMemory(), Token);
        }

        if (await connection.ScalarAsync<long>("SELECT count(*) FROM files") - before != part.GetProperty("rows").GetInt64())
        {
            problems.Add($"another number of rows than its manifest says: {name}");
        }
    }
}

/// <summary>A folder. Broken, a file is in its place.</summary>
internal sealed class FaultFolder : FaultStore
{
    private readonly TemporaryFolder _folder = new();

    private string Root => Path.Combine(_folder.Path, "store");

    private string Aside => Path.Combine(_folder.Path, "aside");

    public override FaultRequest Into(FaultRequest request) => request with { StorePath = Root };

    public override void Break()
    {
        if (Directory.Exists(Root))
        {
            Directory.Move(Root, Aside);
        }

        File.WriteAllText(Root, "");
    }

    public override void Repair()
    {
        if (!File.Exists(Root))
        {
            return;
        }

        File.Delete(Root);
        if (Directory.Exists(Aside))
        {
            Directory.Move(Aside, Root);
        }
    }

    public override ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    protected override Task<IReadOnlyList<string>> NamesAsync() => Task.FromResult<IReadOnlyList<string>>(Directory.Exists(Root)
        ? [.. Directory.EnumerateFiles(Root, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }).Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))]
        : []);

    protected override Task<Stream> OpenAsync(string name) => Task.FromResult<Stream>(File.OpenRead(Path.Combine(Root, name)));
}

/// <summary>A container of Azurite, behind something that can be cut.</summary>
internal sealed class FaultContainer : FaultStore
{
    private readonly BreakableProxy _proxy;
    private readonly string _connectionString;
    private readonly StoreSettings _settings;
    private readonly string _prefix = $"{Guid.NewGuid():n}/";

    public FaultContainer(MaintenanceSandbox azurite)
    {
        _settings = azurite.Target.ArchiveStore!;
        _connectionString = new NetworkCredential("", _settings.ConnectionString!.ToSecureString()).Password;
        _proxy = new BreakableProxy(_settings.ServiceUri!.Port);
    }

    public override FaultRequest Into(FaultRequest request)
    {
        var uri = new UriBuilder(_settings.ServiceUri!) { Port = _proxy.Port }.Uri;
        return request with
        {
            StoreUri = uri,
            StoreContainer = _settings.Container,
            StorePrefix = _prefix,
            StoreConnectionString = _connectionString.Replace(_settings.ServiceUri!.AbsoluteUri, uri.AbsoluteUri, StringComparison.Ordinal),
        };
    }

    public override void Break() => _proxy.Break();

    public override void Repair() => _proxy.Repair();

    public override ValueTask DisposeAsync() => _proxy.DisposeAsync();

    protected override async Task<IReadOnlyList<string>> NamesAsync()
    {
        var container = Container();
        var names = new List<string>();
        if (await container.ExistsAsync(TestContext.Current.CancellationToken))
        {
            await foreach (var blob in container.GetBlobsAsync(new GetBlobsOptions { Prefix = _prefix }, TestContext.Current.CancellationToken))
            {
                names.Add(blob.Name[_prefix.Length..]);
            }
        }

        return names;
    }

    protected override Task<Stream> OpenAsync(string name) =>
        Container().GetBlobClient(_prefix + name).OpenReadAsync(new BlobOpenReadOptions(allowModifications: false), TestContext.Current.CancellationToken);

    // Not through the proxy.
    private BlobContainerClient Container() => new(_connectionString, _settings.Container);
}
