using System.Collections.Concurrent;
using Azure;
using Azure.Core;
using Azure.Identity;
using Azure.Storage;
using Azure.Storage.Blobs;
using Maintenance.Engine.Configuration;

namespace Maintenance.Engine.Stores;

/// <summary>Clients of blob containers: secrets are looked up once for each store, and kept.</summary>
internal sealed class StoreClients
{
    private readonly ConcurrentDictionary<StoreSettings, Func<BlobClientOptions, BlobContainerClient>> _containers = new();

    /// <summary>The client of a blob container.</summary>
    /// <param name="settings">Where it is.</param>
    /// <param name="call">Where to read secrets, and where to tell of requests.</param>
    /// <param name="cancellationToken">Ends the reading of secrets.</param>
    /// <exception cref="MaintenanceException">NotConfigured, SecretNotFound, StoreAuthenticationFailed.</exception>
    public async Task<BlobContainerClient> ContainerAsync(StoreSettings settings, CallContext call, CancellationToken cancellationToken)
    {
        if (!_containers.TryGetValue(settings, out var container))
        {
            container = _containers.GetOrAdd(settings, await BuilderAsync(settings, call.Secrets, cancellationToken));
        }

        // A dead endpoint must be found out within a call's time: three attempts of 15 s at most.
        var options = new BlobClientOptions();
        options.Retry.MaxRetries = 2;
        options.Retry.Delay = TimeSpan.FromMilliseconds(300);
        options.Retry.MaxDelay = TimeSpan.FromSeconds(2);
        options.Retry.NetworkTimeout = TimeSpan.FromSeconds(15);
        options.AddPolicy(new StoreStory(call.Sink), HttpPipelinePosition.PerRetry);
        return container(options);
    }

    /// <summary>Forgets a store's client and with it the secret: the next call looks it up again.</summary>
    public void Forget(StoreSettings settings) => _containers.TryRemove(settings, out _);

    private static async Task<Func<BlobClientOptions, BlobContainerClient>> BuilderAsync(StoreSettings settings, ISecretVault secrets, CancellationToken cancellationToken)
    {
        var name = settings.Container is { Length: > 0 } given
            ? given
            : throw NotConfigured("names no container", "Set its container (backupStore.container, artifactStore.container), or its path for a folder.");

        if (settings.ConnectionString is { } connection)
        {
            var text = await Secrets.ReadAsync(connection, secrets, cancellationToken);
            return Build("connection string", connection, options => new BlobContainerClient(text, name, options));
        }

        var uri = ContainerUri(settings, name);
        if (settings.AccountKey is { } key)
        {
            var text = await Secrets.ReadAsync(key, secrets, cancellationToken);
            var account = settings.AccountName ?? throw NotConfigured("has an account key but no account name", "Set its accountName.");
            return Build("account key", key, options => new BlobContainerClient(uri, new StorageSharedKeyCredential(account, text), options));
        }

        if (settings.SasToken is { } sas)
        {
            var text = await Secrets.ReadAsync(sas, secrets, cancellationToken);
            return Build("shared access signature", sas, options => new BlobContainerClient(uri, new AzureSasCredential(text.TrimStart('?')), options));
        }

        if (uri.Scheme != Uri.UriSchemeHttps)
        {
            throw NotConfigured("has no secret, and an identity is never sent over plain http", "Give it a connection string, account key or SAS, or use https.");
        }

        var identity = new DefaultAzureCredential();
        return options => new BlobContainerClient(uri, identity, options);
    }

    private static Uri ContainerUri(StoreSettings settings, string container)
    {
        var service = settings.ServiceUri
            ?? (settings.AccountName is { Length: > 0 } account && account.All(char.IsAsciiLetterOrDigit)
                ? new Uri($"https://{account}.blob.core.windows.net")
                : throw NotConfigured("has neither an account name nor a service address", "Set its accountName, serviceUri or connectionString."));
        return new BlobUriBuilder(service) { BlobContainerName = container }.ToUri();
    }

    private static Func<BlobClientOptions, BlobContainerClient> Build(string what, SecretReference reference, Func<BlobClientOptions, BlobContainerClient> build)
    {
        try
        {
            // Whether the secret is one is known when the first client is built.
            _ = build(new BlobClientOptions());
            return build;
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or InvalidOperationException)
        {
            throw StoreErrors.MalformedSecret(what, reference);
        }
    }

    private static MaintenanceException NotConfigured(string what, string recommendation) =>
        new(MaintenanceErrorCode.NotConfigured, $"The store {what}.", recommendation);
}
