using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Maintenance.Engine.Resilience;
using Maintenance.Engine.Stores;

namespace Maintenance.Engine.Artifacts;

/// <summary>Puts logs and reports into a target's artefact store, and makes sure that they are there.</summary>
public sealed partial class ArtifactService
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(60);

    /// <summary>How many others may come first while one is published beside them.</summary>
    private const int MostTries = 100;

    // Names the target that an artefact is of, in its metadata.
    private const string Owner = "target";

    private readonly StoreClients _stores = new();
    private readonly TimeProvider _time;

    internal ArtifactService(TimeProvider time) => _time = time;

    /// <summary>Publishes content: its SHA-256 goes along, and what the store holds is read back and compared.</summary>
    /// <param name="target">The target.</param>
    /// <param name="content">The content; read from its beginning, perhaps more than once.</param>
    /// <param name="options">How.</param>
    /// <param name="call">What the call brings along; default timeout 60 s.</param>
    /// <param name="cancellationToken">Ends the upload.</param>
    /// <exception cref="MaintenanceException">NotConfigured, InvalidArgument, ArtifactExists, ArtifactMismatch, Store….</exception>
    public async Task<PublishedArtifact> PublishAsync(
        MaintenanceTarget target, Stream content, ArtifactOptions options, CallContext call, CancellationToken cancellationToken)
    {
        ArtifactName.Check(options.Name);
        CheckMetadata(options.Metadata);
        return await WithStoreAsync(target, options.Container, $"Publishing {options.Name}", "Nothing was published.", (store, token) => PublishAsync(target, store, content, options, token), call, cancellationToken);
    }

    /// <summary>
    /// Publishes a report of which a target has one under a name: its own earlier one is replaced, for it is the same made again. One that is not known to be its own stays, for
    /// targets may share a store: then the report goes beside it, with the target's name before the extension, and says so.
    /// </summary>
    /// <param name="target">The target.</param>
    /// <param name="content">The content; read from its beginning, perhaps more than once.</param>
    /// <param name="options">How; what happens to one of the name is not asked, and <c>target</c> is added to the metadata.</param>
    /// <param name="call">What the call brings along; default timeout 60 s.</param>
    /// <param name="cancellationToken">Ends the upload.</param>
    /// <exception cref="MaintenanceException">NotConfigured, InvalidArgument, ArtifactExists, ArtifactMismatch, Store….</exception>
    public async Task<PublishedArtifact> PublishOwnAsync(
        MaintenanceTarget target, Stream content, ArtifactOptions options, CallContext call, CancellationToken cancellationToken)
    {
        var own = options with { Metadata = new Dictionary<string, string>(options.Metadata) { [Owner] = target.Name } };
        ArtifactName.Check(own.Name);
        CheckMetadata(own.Metadata);
        var published = await WithStoreAsync(target, own.Container, $"Publishing {own.Name}", "Nothing was published.", (store, token) => PublishOwnAsync(target, store, content, own, token), call, cancellationToken);
        if (published.Name != own.Name)
        {
            call.Sink.Verbose($"{own.Name} in {published.Store} is not of '{target.Name}' and stays: the report of '{target.Name}' is beside it, as {published.Name}.");
        }

        return published;
    }

    /// <summary>What keeps artefacts in a target's store from being changed and deleted.</summary>
    /// <exception cref="MaintenanceException">NotConfigured, Store….</exception>
    internal Task<ArtifactProtection> ProtectionAsync(MaintenanceTarget target, CallContext call, CancellationToken cancellationToken) =>
        WithStoreAsync(target, null, "Asking how artefacts are protected", "Whether artefacts can be changed there was not found out.", (store, token) => store.ProtectionAsync(token), call, cancellationToken);

    /// <summary>Keeps an artefact from being changed and deleted until a time.</summary>
    /// <exception cref="MaintenanceException">NotConfigured, Store….</exception>
    internal Task ProtectAsync(MaintenanceTarget target, string name, DateTimeOffset until, CallContext call, CancellationToken cancellationToken) =>
        WithStoreAsync(
            target,
            null,
            $"Protecting {name}",
            "It was published, and can be changed there.",
            async (store, token) =>
            {
                await store.ProtectAsync(name, until, token);
                return true;
            },
            call,
            cancellationToken);

    private async Task<T> WithStoreAsync<T>(
        MaintenanceTarget target, string? container, string what, string remark, Func<IArtifactStore, CancellationToken, Task<T>> work, CallContext call, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(call.Timeout ?? DefaultTimeout, _time, cancellationToken);
        return await deadline.RunAsync(what, async token =>
        {
            var began = _time.GetTimestamp();
            var store = await OpenAsync(target, container, call, token);
            try
            {
                var result = await work(store, token);
                call.Sink.Verbose(FormattableString.Invariant($"{what} in {store.Place}: done ({_time.GetElapsedTime(began).TotalMilliseconds:0.#} ms)."));
                return result;
            }
            catch (Exception exception) when (exception is not (MaintenanceException or OperationCanceledException) || (exception is OperationCanceledException && !token.IsCancellationRequested))
            {
                var translated = StoreErrors.Translate(exception, store.Place, remark);
                if (translated is MaintenanceException { Code: MaintenanceErrorCode.StoreAuthenticationFailed })
                {
                    _stores.Forget(SettingsOf(target, container));
                }

                throw translated;
            }
        });
    }

    /// <summary>Forgets the secrets of a target's stores.</summary>
    internal void Close(MaintenanceTarget target)
    {
        foreach (var store in new[] { target.ArtifactStore, target.AuditStore }.OfType<StoreSettings>())
        {
            _stores.Forget(store);
        }
    }

    private static void CheckMetadata(IReadOnlyDictionary<string, string> metadata)
    {
        if (metadata.FirstOrDefault(entry => !MetadataName().IsMatch(entry.Key) || entry.Value.Length > 2000 || entry.Value.Any(char.IsControl)).Key is not null)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.InvalidArgument,
                "A name or value of the metadata cannot be used.",
                "Names are letters, digits and underscores and begin with a letter; values have no control characters and at most 2,000 characters.");
        }
    }

    /// <summary>The artefact store of a target, or a container beside its own.</summary>
    /// <exception cref="MaintenanceException">NotConfigured, InvalidArgument.</exception>
    internal static StoreSettings SettingsOf(MaintenanceTarget target, string? container)
    {
        var settings = target.ArtifactStore ?? throw new MaintenanceException(
            MaintenanceErrorCode.NotConfigured,
            $"The target '{target.Name}' has no artefact store.",
            "Set artifactStore in maintenance.json, or AZURE_STORAGE_ACCOUNT.");
        if (container is null)
        {
            return settings;
        }

        ArtifactName.CheckContainer(container);
        return settings.IsFolder ? settings with { Path = Path.Combine(settings.Path!, container) } : settings with { Container = container };
    }

    private async Task<IArtifactStore> OpenAsync(MaintenanceTarget target, string? container, CallContext call, CancellationToken cancellationToken)
    {
        var settings = SettingsOf(target, container);
        return settings.IsFolder
            ? new FolderArtifactStore(Path.GetFullPath(settings.Path!))
            : new BlobArtifactStore(await _stores.ContainerAsync(settings, call, cancellationToken), settings.Prefix);
    }

    private async Task<PublishedArtifact> PublishOwnAsync(
        MaintenanceTarget target, IArtifactStore store, Stream content, ArtifactOptions options, CancellationToken cancellationToken)
    {
        var beside = ArtifactName.OfTarget(options.Name, target.Name);
        for (var number = 0; number < MostTries; number++)
        {
            // Two targets may come at once, and two names may look the same in a file's: nobody else's is replaced in either case.
            var name = number == 0 ? options.Name : NameOf(beside, number);
            var isOwn = await store.HasAsync(name, Owner, target.Name, cancellationToken);
            var artifact = await PublishAsync(target, store, content, options with { Name = name, Conflict = isOwn ? ArtifactConflict.Overwrite : ArtifactConflict.Skip }, cancellationToken);
            if (artifact.State != ArtifactState.Skipped)
            {
                return artifact.State == ArtifactState.Published && number > 0 ? artifact with { State = ArtifactState.KeptBoth } : artifact;
            }
        }

        throw Exists(store, options.Name);
    }

    private async Task<PublishedArtifact> PublishAsync(
        MaintenanceTarget target, IArtifactStore store, Stream content, ArtifactOptions options, CancellationToken cancellationToken)
    {
        content.Position = 0;
        var hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellationToken));
        var contentType = options.ContentType ?? ArtifactName.ContentType(options.Name);
        var metadata = new Dictionary<string, string>(options.Metadata) { ["sha256"] = hash };
        var existed = options.Conflict == ArtifactConflict.Overwrite && await store.ExistsAsync(options.Name, cancellationToken);
        PublishedArtifact Artifact(string name, ArtifactState state) => new()
        {
            Target = target.Name,
            Name = name,
            State = state,
            Store = store.Place,
            Location = store.LocationOf(name),
            ContentType = contentType,
            SizeBytes = content.Length,
            Sha256 = state == ArtifactState.Skipped ? null : hash,
            Metadata = metadata,
            CollectedAt = _time.GetUtcNow(),
        };

        var first = options.Conflict == ArtifactConflict.KeepBoth ? await FirstFreeAsync(store, options.Name, cancellationToken) : 1;
        for (var number = first; number < first + MostTries; number++)
        {
            var name = NameOf(options.Name, number);
            content.Position = 0;
            if (await store.PutAsync(name, content, contentType, metadata, options.Conflict == ArtifactConflict.Overwrite, cancellationToken))
            {
                await VerifyAsync(store, name, hash, cancellationToken);
                return Artifact(name, existed ? ArtifactState.Replaced : number > 1 ? ArtifactState.KeptBoth : ArtifactState.Published);
            }

            if (options.Conflict == ArtifactConflict.Skip)
            {
                return Artifact(name, ArtifactState.Skipped);
            }

            if (options.Conflict != ArtifactConflict.KeepBoth)
            {
                break;
            }
        }

        throw Exists(store, options.Name);
    }

    private static MaintenanceException Exists(IArtifactStore store, string name) => new(
        MaintenanceErrorCode.ArtifactExists,
        $"An artefact {name} exists already in {store.Place}, and was left as it is.",
        "Choose another name, or say with -IfExists what is to happen: Overwrite, KeepBoth or Skip.");

    /// <summary>The first number that is free, by doubling and halving: the numbers are given without gaps.</summary>
    private static async Task<int> FirstFreeAsync(IArtifactStore store, string name, CancellationToken cancellationToken)
    {
        Task<bool> TakenAsync(int number) => store.ExistsAsync(NameOf(name, number), cancellationToken);
        var (taken, free) = (0, 1);
        while (await TakenAsync(free))
        {
            (taken, free) = (free, free * 2);
        }

        while (free - taken > 1)
        {
            var middle = (taken + free) / 2;
            (taken, free) = await TakenAsync(middle) ? (middle, free) : (taken, middle);
        }

        return free;
    }

    private static string NameOf(string name, int number) => number == 1 ? name : ArtifactName.Numbered(name, number);

    private static async Task VerifyAsync(IArtifactStore store, string name, string hash, CancellationToken cancellationToken)
    {
        await using var stored = await store.OpenAsync(name, cancellationToken);
        if (Convert.ToHexStringLower(await SHA256.HashDataAsync(stored, cancellationToken)) != hash)
        {
            throw new MaintenanceException(
                MaintenanceErrorCode.ArtifactMismatch,
                $"What {store.Place} holds as {name} is not what was sent.",
                "Somebody else may write under the same name, or the storage is damaged. Publish it again under another name.");
        }
    }

    [GeneratedRegex(@"\A[A-Za-z][A-Za-z0-9_]{0,100}\z")]
    private static partial Regex MetadataName();
}
