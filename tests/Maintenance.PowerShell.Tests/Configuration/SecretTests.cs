using System.Collections;
using System.Management.Automation;
using System.Reflection;
using System.Security;
using System.Text;
using System.Text.Json;

namespace Maintenance.ModuleTests.Configuration;

/// <summary>A marker stands for every kind of secret, and must not come out of any stream, any property or any file.</summary>
[Collection(EnvironmentCollection.Name)]
public sealed class SecretTests(SandboxFixture fixture) : IDisposable
{
    private const string Marker = "mArKeR9f27c1";
    private readonly ConfigurationFolder _folder = new();
    private readonly ModuleRunspace _runspace = new();

    [Theory]
    [InlineData("")]
    [InlineData("-SkipTest")]
    public void A_wrong_password_in_a_credential(string skip) => AssertSilent(
        $"Connect-MaintenanceTarget -HostName $s.Host -Port $s.Port -Credential ([pscredential]::new('postgres', $marker)) {skip} -Verbose -Debug", Marker);

    [Fact]
    public void A_right_password_through_every_cmdlet()
    {
        // Here the real password is the marker.
        var text = AssertSilent(
            $$"""
            $VerbosePreference = $DebugPreference = 'Continue'
            Connect-MaintenanceTarget -HostName $s.Host -Port $s.Port -Database $s.Database -Credential ([pscredential]::new($s.Username, $s.Password)) -BackupPath '{{_folder.Path}}' -HistoryPath '{{_folder.Path}}/history.db'
            Get-MaintenanceTarget
            Get-DbHealth
            Get-SystemHealth
            Invoke-MaintenanceTask Daily
            Disconnect-MaintenanceTarget
            """,
            fixture.Password);
        Assert.Contains("PostgreSQL 15.", text, StringComparison.Ordinal);
        Assert.Contains("overall_health_percent", text, StringComparison.Ordinal);
        foreach (var file in Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories))
        {
            Assert.DoesNotContain(fixture.Password, Encoding.Latin1.GetString(File.ReadAllBytes(file)), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("Host=127.0.0.1;Port=1;Username=u;Password=mArKeR9f27c1")]
    [InlineData("Host=127.0.0.1;Port=mArKeR9f27c1;Password=mArKeR9f27c1")]
    [InlineData("mArKeR9f27c1")]
    [InlineData("mArKeR9f27c1=mArKeR9f27c1")]
    [InlineData("Host=127.0.0.1;Pasword=mArKeR9f27c1")]
    [InlineData("Password=mArKeR9f27c1")]
    [InlineData("Host=127.0.0.1;Port=1;SSL Mode=mArKeR9f27c1")]
    [InlineData("postgres://u:mArKeR9f27c1@127.0.0.1:1/db")]
    [InlineData("postgres://u:mArKeR9f27c1@127.0.0.1:1/db?sslmode=mArKeR9f27c1")]
    [InlineData("postgres://u:mArKeR9f27c1@127.0.0.1:1/db?mArKeR9f27c1=1")]
    [InlineData("postgres://u:mArKeR9f27c1@127.0.0.1:port/db")]
    [InlineData("postgres://u:x/mArKeR9f27c1@127.0.0.1:1/db")]
    [InlineData("postgres://u:1/mArKeR9f27c1@127.0.0.1:1/db")]
    [InlineData("postgres://u:1?mArKeR9f27c1@127.0.0.1:1/db")]
    [InlineData("postgres://u:1#mArKeR9f27c1@127.0.0.1:1/db")]
    [InlineData("postgres://u:x@mArKeR9f27c1@127.0.0.1:1/db")]
    [InlineData("postgres://")]
    public void A_connection_string_right_or_wrong(string text)
    {
        AssertSilent("Connect-MaintenanceTarget -ConnectionString $text -Verbose -Debug", Marker, mustFail: true, ("text", Secure(text)));
        Environment.SetEnvironmentVariable("SUPABASE_DB_URL", text);
        AssertSilent($"{_folder.At()}; Connect-MaintenanceTarget -Verbose -Debug", Marker, mustFail: true);
        _folder.Write("""{ "targets": { "t": { "database": { "connectionString": "env:SUPABASE_DB_URL" } } } }""");
        AssertSilent($"Connect-MaintenanceTarget -Path '{_folder.File}' -Verbose -Debug", Marker, mustFail: true);
        AssertSilent($"Test-MaintenanceConfiguration '{_folder.File}' -Connect -Verbose -Debug", Marker);
    }

    [Fact]
    public void Every_secret_of_the_environment()
    {
        foreach (var name in new[]
        {
            "PGPASSWORD", "SUPABASE_SERVICE_ROLE_KEY", "SUPABASE_ANON_KEY", "AZURE_STORAGE_CONNECTION_STRING", "AZURE_STORAGE_KEY", "AZURE_STORAGE_SAS_TOKEN",
            "SLACK_WEBHOOK_URL", "SLACK_EMERGENCY_WEBHOOK", "SECURITY_SLACK_WEBHOOK",
        })
        {
            Environment.SetEnvironmentVariable(name, Marker);
        }

        Environment.SetEnvironmentVariable("PGHOST", fixture.Sandbox.Host);
        Environment.SetEnvironmentVariable("PGPORT", $"{fixture.Sandbox.Port}");
        Environment.SetEnvironmentVariable("SUPABASE_PROJECT_REF", "abc");
        var text = AssertSilent(
            $"{_folder.At()}; Connect-MaintenanceTarget -Verbose -Debug; Connect-MaintenanceTarget -SkipTest; Get-MaintenanceTarget; Get-DbHealth", Marker);
        Assert.Contains("env:SLACK_WEBHOOK_URL", text, StringComparison.Ordinal);
        Assert.Contains("env:AZURE_STORAGE_CONNECTION_STRING", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "targets": { "t": { "database": { "password": "mArKeR9f27c1" } } } }""")]
    [InlineData("""{ "targets": { "t": { "database": { "host": "postgres://u:mArKeR9f27c1@h" } } } }""")]
    [InlineData("""{ "targets": { "t": { "channels": { "Default": { "webhook": "https://hooks.example/mArKeR9f27c1" } } } } }""")]
    [InlineData("""{ "targets": { "t": { "backupStore": { "sasToken": "?sig=mArKeR9f27c1" } } } }""")]
    [InlineData("""{ "targets": { "t": { "database": { "password": mArKeR9f27c1 } } } }""")]
    public void A_secret_that_stands_in_the_file_by_mistake(string json)
    {
        _folder.Write(json);
        AssertSilent($"Connect-MaintenanceTarget -Path '{_folder.File}' -Verbose -Debug", Marker, mustFail: true);
        AssertSilent($"Test-MaintenanceConfiguration '{_folder.File}' -Verbose -Debug", Marker);
    }

    [Theory]
    [InlineData("[securestring]$secure")]
    [InlineData("'mArKeR9f27c1'")]
    [InlineData("[pscredential]::new('u', $secure)")]
    public void A_secret_of_a_vault(string secret)
    {
        _folder.Write($$"""
            { "targets": { "t": { "database": { "host": "{{fixture.Sandbox.Host}}", "port": {{fixture.Sandbox.Port}}, "password": "secret:My Vault/pg" } } } }
            """);
        var text = AssertSilent(
            $$"""
            function Get-Secret { param($Name, $Vault) $script:asked = "$Vault|$Name"; {{secret}} }
            Connect-MaintenanceTarget -Path '{{_folder.File}}' -Verbose -Debug
            "asked for $asked"
            """,
            Marker,
            mustFail: true,
            ("secure", Secure(Marker)));
        Assert.Contains("asked for My Vault|pg", text, StringComparison.Ordinal);
        Assert.Contains("AuthenticationFailed", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_vaults_secret_is_used_and_asked_for_on_the_pipelines_thread()
    {
        _folder.Write($$"""
            { "targets": { "t": { "database": { "host": "{{fixture.Sandbox.Host}}", "port": {{fixture.Sandbox.Port}}, "password": "secret:pg" } } } }
            """);
        var output = _runspace.Invoke(
            $$"""
            function Get-Secret { param($Name, $Vault) $global:thread = [Environment]::CurrentManagedThreadId; if ($Name -eq 'pg' -and -not $Vault) { $secret } }
            Connect-MaintenanceTarget -Path '{{_folder.File}}'
            $thread -eq [Environment]::CurrentManagedThreadId
            """,
            ("secret", fixture.Sandbox.Password.ToSecureString()));
        Assert.Equal("t", output[0].ToString());
        Assert.Equal(true, output[1].BaseObject);
    }

    [Theory]
    [InlineData("function Get-Secret { throw 'no mArKeR9f27c1' }", "could not be read")]
    [InlineData("function Get-Secret { }", "is not one text")]
    [InlineData("function Get-Secret { 'mArKeR9f27c1', 'mArKeR9f27c1' }", "is not one text")]
    [InlineData("function Get-Secret { @{ password = 'mArKeR9f27c1' } }", "is not one text")]
    [InlineData("", "needs the SecretManagement module, which is not installed")]
    public void A_vault_that_fails_is_an_error_that_names_the_reference(string function, string message)
    {
        _folder.Write("""{ "targets": { "t": { "database": { "password": "secret:Vault/pg" } } } }""");
        var result = _runspace.Run($"{function}\nConnect-MaintenanceTarget -Path '{_folder.File}' -Verbose");
        var error = TargetCommandTests.AssertError(result, "SecretNotFound", ErrorCategory.ObjectNotFound);
        Assert.Contains("secret:Vault/pg", error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Marker, $"{error.Exception} {error.ErrorDetails}", StringComparison.Ordinal);
    }

    [Fact]
    public void A_variable_that_is_missing_is_named()
    {
        _folder.Write("""{ "targets": { "t": { "database": { "password": "env:MAINTENANCE_TEST_SECRET" } } } }""");
        var error = TargetCommandTests.AssertError(_runspace.Run($"Connect-MaintenanceTarget -Path '{_folder.File}'"), "SecretNotFound", ErrorCategory.ObjectNotFound);
        Assert.Contains("MAINTENANCE_TEST_SECRET", error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_dump_that_these_tests_rely_on_sees_a_secret_where_there_is_one()
    {
        Assert.Contains(Marker, Everything("[pscustomobject]@{ a = @{ b = 'mArKeR9f27c1' } }"), StringComparison.Ordinal);
        Assert.Contains(Marker, Everything("Write-Error 'mArKeR9f27c1'"), StringComparison.Ordinal);
        Assert.Contains(Marker, Everything("throw [Exception]::new('x', [Exception]::new('mArKeR9f27c1'))"), StringComparison.Ordinal);
        Assert.Contains(Marker, Everything("$VerbosePreference = 'Continue'; $ExecutionContext.Host | ForEach-Object { Write-Verbose 'mArKeR9f27c1' }"), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _runspace.Dispose();
        _folder.Dispose();
    }

    internal static SecureString Secure(string text)
    {
        var secure = new SecureString();
        text.ToList().ForEach(secure.AppendChar);
        return secure;
    }

    private string AssertSilent(string script, string secret, bool mustFail = false, params (string, object?)[] variables)
    {
        var text = Everything(script, [("s", fixture.Sandbox), ("marker", Secure(secret)), .. variables]);
        Assert.DoesNotContain(secret, text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("fault of the Maintenance module", text, StringComparison.Ordinal);
        Assert.Equal(mustFail, mustFail && text.Contains("ErrorRecord:", StringComparison.Ordinal));
        return text;
    }

    /// <summary>Everything a script lets out, as one text.</summary>
    private string Everything(string script, params (string, object?)[] variables)
    {
        using var shell = _runspace.Create(script, variables);
        var text = new StringBuilder();
        try
        {
            foreach (var item in shell.Invoke())
            {
                Dump(item, text, [], 0);
            }
        }
        catch (RuntimeException exception)
        {
            Dump(exception.ErrorRecord, text, [], 0);
            text.AppendLine(exception.ToString());
        }

        foreach (var record in shell.Streams.Error)
        {
            Dump(record, text, [], 0);
        }

        foreach (var line in new IEnumerable[] { shell.Streams.Warning, shell.Streams.Verbose, shell.Streams.Debug, shell.Streams.Progress, shell.Streams.Information })
        {
            foreach (var record in line)
            {
                text.AppendLine(record.ToString());
            }
        }

        return text.ToString();
    }

    private static void Dump(object? value, StringBuilder text, HashSet<object> seen, int depth)
    {
        value = value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value;
        if (value is null || depth > 8 || value is Type or MemberInfo or Assembly or Delegate || (value is not string && !value.GetType().IsValueType && !seen.Add(value)))
        {
            return;
        }

        text.Append(value.GetType().Name).Append(": ").AppendLine(value.ToString());
        if (value is string || value.GetType().IsPrimitive || value is DateTimeOffset or TimeSpan or Uri)
        {
            return;
        }

        if (value is MaintenanceTarget)
        {
            text.AppendLine(JsonSerializer.Serialize(value));
        }

        if (value is IDictionary dictionary)
        {
            foreach (DictionaryEntry entry in dictionary)
            {
                Dump(entry.Key, text, seen, depth + 1);
                Dump(entry.Value, text, seen, depth + 1);
            }
        }
        else if (value is IEnumerable items)
        {
            foreach (var item in items)
            {
                Dump(item, text, seen, depth + 1);
            }
        }

        foreach (var property in PSObject.AsPSObject(value).Properties)
        {
            try
            {
                Dump(property.Value, text, seen, depth + 1);
            }
            catch (GetValueInvocationException)
            {
                // A property that only says that it cannot be read.
            }
        }
    }
}
