using System.Text.Json.Serialization;

namespace Maintenance.Engine.Sandbox;

/// <summary>What is written down of a sandbox, so that another process can find, use and end it.</summary>
internal sealed record SandboxRecord
{
    /// <summary>Random, and part of the folder's name: no one else's process can have it in its command line.</summary>
    public required string Id { get; init; }

    /// <summary>Name of the target.</summary>
    public required string Name { get; init; }

    /// <summary>Folder that holds everything of it.</summary>
    public required string Folder { get; init; }

    /// <summary>Machine it runs on: a profile may be shared between several.</summary>
    public required string Machine { get; init; }

    /// <summary>Process that started it.</summary>
    public required int OwnerProcessId { get; init; }

    /// <summary>Tells that process from a later one with its number.</summary>
    public required string? OwnerIdentity { get; init; }

    /// <summary>Whether it is meant to outlive that process.</summary>
    public required bool Detached { get; init; }

    /// <summary>Folder of the PostgreSQL programs.</summary>
    public required string PostgresBinPath { get; init; }

    /// <summary>Version of its PostgreSQL.</summary>
    public required string PostgresVersion { get; init; }

    /// <summary>How much sample data it holds.</summary>
    public required double Scale { get; init; }

    /// <summary>Whether it holds the slow workload.</summary>
    public bool Workload { get; init; }

    /// <summary>True for a server that a restore is tested on: its test ends it, and nobody else has a use for it.</summary>
    public bool Scratch { get; init; }

    /// <summary>Folders above its own that were made for it, the innermost first. They go with it, unless something else is in them.</summary>
    public IReadOnlyList<string> MadeFolders { get; init; } = [];

    /// <summary>Process of its PostgreSQL; 0 until it runs.</summary>
    public int ServerProcessId { get; init; }

    /// <summary>Tells that process from a later one with its number.</summary>
    public string? ServerIdentity { get; init; }

    /// <summary>Port of the database.</summary>
    public int Port { get; init; }

    /// <summary>Port of Azurite's blob service; null without Azurite.</summary>
    public int? BlobPort { get; init; }

    /// <summary>When it was ready (UTC); null as long as it is not.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>Written down only for a detached sandbox: others need it no longer than their process runs.</summary>
    public string? Password { get; init; }

    /// <summary>Written down only for a detached sandbox.</summary>
    public string? BlobKey { get; init; }

    /// <summary>Folder that the server's own account owns, if there is such an account.</summary>
    [JsonIgnore]
    public string ServerFolder => Path.Combine(Folder, "server");

    /// <summary>Folder of Azurite's log and process id.</summary>
    [JsonIgnore]
    public string AzuriteFolder => Path.Combine(Folder, "azurite");

    /// <summary>Whether nobody will end it any more: its owner died before it was done with it, or its server did.</summary>
    [JsonIgnore]
    public bool IsAbandoned =>
        !ProcessIdentity.Runs(OwnerProcessId, OwnerIdentity)
        && !(Detached && StartedAt is not null && (ProcessIdentity.Runs(ServerProcessId, ServerIdentity) || PostgresServer.RunsIn(this)));

    /// <summary>What users see of it.</summary>
    public MaintenanceSandbox ToSandbox() => new()
    {
        Id = Id,
        PostgresVersion = PostgresVersion,
        Host = PostgresServer.Host,
        Port = Port,
        Database = PostgresServer.Database,
        Username = PostgresServer.Administrator,
        MonitorUsername = PostgresServer.Monitor,
        Password = SecretReference.FromSecureString(SandboxTarget.Secret(Password)),
        Path = Folder,
        BlobServiceUri = BlobPort is { } port ? AzuriteServer.ServiceUri(port) : null,
        FunctionUri = SandboxServices.Of(Id)?.FunctionUri,
        NotificationPath = SandboxServices.Of(Id) is null ? null : SandboxServices.NotificationPath(this),
        Faults = SandboxServices.Of(Id)?.Faults.Present ?? [],
        FaultPath = SandboxServices.Of(Id)?.Faults.Folder,
        Detached = Detached,
        OwnerProcessId = OwnerProcessId,
        Scale = Scale,
        StartedAt = StartedAt ?? DateTimeOffset.MinValue,
        Target = SandboxTarget.Of(this),
    };
}
