using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Maintenance.Engine;
using Maintenance.Engine.Sandbox;
using Maintenance.IntegrationTests.Infrastructure;
using Npgsql;

namespace Maintenance.IntegrationTests.Security;

/// <summary>A PostgreSQL of one test's own whose settings, rules and certificate are that test's.</summary>
internal sealed class AuditedServer : IAsyncDisposable
{
    private readonly ScratchServer _server;
    private readonly MaintenanceEngine _engine = new();

    private AuditedServer(ScratchServer server, string certificate) => (_server, Certificate) = (server, certificate);

    /// <summary>File of the certificate that the server has; it is its own authority.</summary>
    public string Certificate { get; }

    /// <summary>An address of this machine that is not loopback; null where there is none.</summary>
    public static IPAddress? Address { get; } = NetworkInterface.GetAllNetworkInterfaces()
        .Where(card => card.OperationalStatus == OperationalStatus.Up)
        .SelectMany(card => card.GetIPProperties().UnicastAddresses)
        .Select(found => found.Address)
        .FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address));

    /// <summary>Starts one.</summary>
    /// <param name="major">The version.</param>
    /// <param name="checksums">Pages have checksums.</param>
    /// <param name="settings">Settings, besides where it listens.</param>
    /// <param name="rules">Lines of pg_hba.conf.</param>
    public static async Task<AuditedServer> StartAsync(int major, bool checksums, IReadOnlyDictionary<string, string> settings, params string[] rules)
    {
        var token = TestContext.Current.CancellationToken;
        var options = new SandboxOptions { PostgresVersion = major, ResourcePath = SandboxFixture.ResourcePath };
        var installation = await SandboxFixture.OrSkipAsync(() => new PostgresBinaries(new NpmTools(options.ResourcePath, TimeProvider.System)).FindAsync(options, new RecordingSink(), token));
        var scratch = await ScratchServer.CreateAsync(null, new RecordingSink(), token);
        var server = new AuditedServer(scratch, Path.Combine(scratch.Folder, "root.crt"));
        try
        {
            scratch.Use(installation);
            await scratch.InitializeAsync(token);
            if (!checksums)
            {
                // Not every package has pg_checksums, so the data folder is made anew.
                Directory.Delete(scratch.DataFolder, recursive: true);
                var password = Path.Combine(scratch.ServerFolder, "password");
                await File.WriteAllTextAsync(password, scratch.Password, token);
                await scratch.HandOverAsync(token);
                string[] none = major >= 18 ? ["--no-data-checksums"] : [];
                var made = await scratch.Call("initdb", ["-D", scratch.DataFolder, "-U", "postgres", "--pwfile", password, "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync", .. none]).RunAsync(token);
                Assert.True(made.ExitCode == 0, made.Output);
            }

            await server.WriteCertificateAsync();
            await File.WriteAllLinesAsync(Path.Combine(scratch.DataFolder, "pg_hba.conf"), rules, token);
            await scratch.HandOverAsync(token);
            await scratch.StartAsync(new Dictionary<string, string>(settings) { ["unix_socket_directories"] = "", ["fsync"] = "off", ["lc_messages"] = "C" }, token);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs statements as the administrator, each by itself.</summary>
    public async Task ExecuteAsync(string database, params string[] statements)
    {
        // Where the server has TLS the rules may ask for it.
        var connectionString = new NpgsqlConnectionStringBuilder(_server.ConnectionString(database)) { SslMode = SslMode.Prefer, Pooling = false }.ConnectionString;
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        foreach (var statement in statements)
        {
            await connection.ExecuteAsync(statement);
        }
    }

    /// <summary>Audits it.</summary>
    public async Task<IReadOnlyList<Finding>> AuditAsync(Func<DatabaseSettings, DatabaseSettings>? connection = null, SecurityPolicy? policy = null, Func<string, bool>? databases = null)
    {
        var settings = new DatabaseSettings { Host = "127.0.0.1", Port = _server.Port, Database = "postgres", Username = "postgres", Password = Secret(_server.Password), SslMode = DatabaseSslMode.Prefer };
        var target = new MaintenanceTarget { Name = "audited", Database = connection?.Invoke(settings) ?? settings, Security = policy ?? new SecurityPolicy() };
        var findings = await _engine.SecurityAudit.AuditAsync(target, new SecurityAuditQuery { IncludePassed = true, Databases = databases }, Calls.Silent(), TestContext.Current.CancellationToken);
        await _engine.CloseAsync(target);
        return findings;
    }

    public static SecretReference Secret(string text) => SecretReference.FromSecureString(new NetworkCredential("", text).SecurePassword);

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        await _server.DisposeAsync();
    }

    private async Task WriteCertificateAsync()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=audited.invalid", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        if (Address is { } address)
        {
            names.AddIpAddress(address);
        }

        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var certificate = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        await File.WriteAllTextAsync(Certificate, certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(Path.Combine(_server.DataFolder, "server.crt"), certificate.ExportCertificatePem());
        var path = Path.Combine(_server.DataFolder, "server.key");
        await File.WriteAllTextAsync(path, key.ExportPkcs8PrivateKeyPem());
        if (!OperatingSystem.IsWindows())
        {
            // The server refuses a key that others may read.
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }
}
