namespace Maintenance;

/// <summary>A private PostgreSQL on loopback with the sample schema and lived-in data.</summary>
public sealed record MaintenanceSandbox
{
    /// <summary>Identifies the sandbox on this machine.</summary>
    public required string Id { get; init; }

    /// <summary>Version of its PostgreSQL.</summary>
    public required string PostgresVersion { get; init; }

    /// <summary>Always loopback.</summary>
    public required string Host { get; init; }

    /// <summary>Port of the database.</summary>
    public required int Port { get; init; }

    /// <summary>Name of the database.</summary>
    public required string Database { get; init; }

    /// <summary>Administrator of the database.</summary>
    public required string Username { get; init; }

    /// <summary>A role that may read all statistics (pg_monitor) and nothing else, to try things with the least privilege.</summary>
    public required string MonitorUsername { get; init; }

    /// <summary>Generated for this sandbox alone; both roles have it. Empty for a sandbox of another process, unless it is detached. Taken wherever a SecureString is.</summary>
    public required SecretReference Password { get; init; }

    /// <summary>Folder that holds everything of it, and goes with it.</summary>
    public required string Path { get; init; }

    /// <summary>Address of Azurite's blob service, if it was asked for.</summary>
    public Uri? BlobServiceUri { get; init; }

    /// <summary>Address of its functions; null for a detached sandbox, and for one of another process.</summary>
    public Uri? FunctionUri { get; init; }

    /// <summary>Folder of the notifications it has received, a file each; null as above.</summary>
    public string? NotificationPath { get; init; }

    /// <summary>What goes wrong in its system.</summary>
    public IReadOnlyList<SandboxFault> Faults { get; init => field = Readable.Copy(value); } = Readable.List<SandboxFault>.Empty;

    /// <summary>Folder with an empty file for each of these faults: a program that deletes the file has mended it. Null as above.</summary>
    public string? FaultPath { get; init; }

    /// <summary>True if it goes on when the process that started it ends.</summary>
    public bool Detached { get; init; }

    /// <summary>Process that started it.</summary>
    public int OwnerProcessId { get; init; }

    /// <summary>How much sample data it holds; 1 is some ten thousand rows.</summary>
    public double Scale { get; init; }

    /// <summary>When it was ready (UTC).</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>The target it is connected as.</summary>
    public required MaintenanceTarget Target { get; init; }
}

/// <summary>How a sandbox is to be.</summary>
public sealed record SandboxOptions
{
    /// <summary>Name of the target. Default <c>sandbox</c>.</summary>
    public string Name { get; init; } = "sandbox";

    /// <summary>Major version of PostgreSQL; null for the newest that is at hand.</summary>
    public int? PostgresVersion { get; init; }

    /// <summary>Folder with the PostgreSQL programs; null to look for them.</summary>
    public string? PostgresPath { get; init; }

    /// <summary>How much sample data; 0 for the schema alone.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>How long a past its history is given, up to three years; nothing for none. It is sample data: made, not measured.</summary>
    public TimeSpan History { get; init; }

    /// <summary>Whether it gets a shop with some 500,000 rows, and slow statements of which the right index is known.</summary>
    public bool Workload { get; init; }

    /// <summary>Whether Azurite is started, and holds the backups.</summary>
    public bool Azurite { get; init; }

    /// <summary>Whether it goes on when this process ends.</summary>
    public bool Detached { get; init; }

    /// <summary>What goes wrong in its system.</summary>
    public IReadOnlyList<SandboxFault> Faults { get; init => field = Readable.Copy(value); } = Readable.List<SandboxFault>.Empty;

    /// <summary>Whether its faults come back whatever is done about them.</summary>
    public bool StubbornFaults { get; init; }

    /// <summary>What its functions do wrong.</summary>
    public FunctionFault FunctionFault { get; init; }

    /// <summary>Which functions do it; none for all.</summary>
    public IReadOnlyList<string> FaultyFunctions { get; init => field = Readable.Copy(value); } = Readable.List<string>.Empty;

    /// <summary>How much longer each answer of a function takes. Default: nothing.</summary>
    public TimeSpan FunctionLatency { get; init; }

    /// <summary>What its webhooks do wrong.</summary>
    public NotificationFault NotificationFault { get; init; }

    /// <summary>Seed of the sample data: the same seed gives the same rows. Default 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Folder of the sandbox's files that the module brings (schema, data, package.json).</summary>
    public required string ResourcePath { get; init; }
}
