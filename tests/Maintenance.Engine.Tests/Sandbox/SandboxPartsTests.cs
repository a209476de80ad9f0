using System.Diagnostics;
using Maintenance.Engine.Programs;
using Maintenance.Engine.Sandbox;

namespace Maintenance.Engine.Tests.Sandbox;

public sealed class SandboxPartsTests
{
    [Theory]
    [InlineData("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n", "15.18")]
    [InlineData("postgres (PostgreSQL) 18.4\n", "18.4")]
    [InlineData("pg_dump (PostgreSQL) 19beta1\n", "19.0")]
    [InlineData("initdb (PostgreSQL) 9.6.24", "9.6")]
    public void A_version_is_read_from_what_the_program_says(string text, string version) =>
        Assert.Equal(Version.Parse(version), PostgresInstallation.ParseVersion(text));

    [Theory]
    [InlineData("")]
    [InlineData("15.18")]
    [InlineData("postgres (EnterpriseDB) 15.18")]
    [InlineData("(PostgreSQL) x")]
    public void What_is_no_version_is_none(string text) => Assert.Null(PostgresInstallation.ParseVersion(text));

    [Fact]
    public void The_account_is_found_by_its_name_and_never_one_that_is_root_under_another_name()
    {
        string[] entries =
        [
            "root:x:0:0:root:/root:/bin/bash",
            "postgres:x:0:0:a disguise:/:/bin/sh",
            "postgresql:x:7:7::/:/bin/sh",
            "nobody:x:65534:65533:nobody:/nonexistent:/usr/sbin/nologin",
            "broken",
            "nobody:x:many:1::/:/bin/sh",
        ];
        Assert.Empty(ServerAccount.Parse(entries, "postgres"));
        Assert.Equal(("nobody", "65534", "65533"), Assert.Single(ServerAccount.Parse(entries, "nobody")));
    }

    [Fact]
    public void Only_the_end_of_a_log_is_quoted_and_on_one_line()
    {
        var log = string.Join("\r\n", Enumerable.Range(1, 100).Select(number => $"line {number}")) + "\n\n" + new string('x', 1000);
        var quoted = LastLines.Of(log);
        Assert.DoesNotContain('\n', quoted);
        Assert.StartsWith("line 94 | ", quoted, StringComparison.Ordinal);
        Assert.InRange(quoted.Length, 300, 500);
        Assert.Equal("it wrote nothing.", LastLines.Of(" \n"));
    }

    [Fact]
    public void A_process_is_told_from_a_later_one_with_its_number()
    {
        var own = ProcessIdentity.Of(Environment.ProcessId);
        Assert.NotNull(own);
        Assert.Equal(own, ProcessIdentity.Of(Environment.ProcessId));
        Assert.True(ProcessIdentity.Runs(Environment.ProcessId, own));
        Assert.False(ProcessIdentity.Runs(Environment.ProcessId, "another time"));
        Assert.False(ProcessIdentity.Runs(Environment.ProcessId, null));
    }

    [Fact]
    public void A_sandbox_is_abandoned_when_its_owner_died_unless_it_is_detached_and_runs()
    {
        var alive = ProcessIdentity.Of(Environment.ProcessId);
        var record = new SandboxRecord
        {
            Id = "1",
            Name = "sandbox",
            Folder = "/nowhere",
            Machine = "here",
            OwnerProcessId = Environment.ProcessId,
            OwnerIdentity = alive,
            Detached = false,
            PostgresBinPath = "/nowhere",
            PostgresVersion = "15.18",
            Scale = 1,
            ServerProcessId = Environment.ProcessId,
            ServerIdentity = alive,
            StartedAt = DateTimeOffset.UnixEpoch,
        };
        Assert.False(record.IsAbandoned);

        var orphan = record with { OwnerIdentity = "gone" };
        Assert.True(orphan.IsAbandoned);
        Assert.False((orphan with { Detached = true }).IsAbandoned);
        Assert.True((orphan with { Detached = true, ServerIdentity = "gone" }).IsAbandoned);

        if (OperatingSystem.IsWindows())
        {
            // There what follows has no program to stand for a server.
            return;
        }

        // Its server crashed, and somebody started it again: it is in use.
        var folder = Directory.CreateTempSubdirectory();
        var restarted = orphan with { Detached = true, ServerIdentity = "gone", Folder = folder.FullName };
        Directory.CreateDirectory(Path.Combine(restarted.ServerFolder, "data"));
        var file = Path.Combine(restarted.ServerFolder, "data", "postmaster.pid");
        using var server = Process.Start(new ProcessStartInfo("sleep", ["60"]) { WorkingDirectory = Path.Combine(restarted.ServerFolder, "data") })!;
        try
        {
            File.WriteAllText(file, $"{server.Id}\n");
            Assert.False(restarted.IsAbandoned);
            Assert.True((restarted with { StartedAt = null }).IsAbandoned);
            // A number that another process has got by now says nothing.
            File.WriteAllText(file, $"{Environment.ProcessId}\n");
            Assert.True(restarted.IsAbandoned);
        }
        finally
        {
            server.Kill();
            server.WaitForExit();
        }

        File.WriteAllText(file, $"{server.Id}\n");
        Assert.True(restarted.IsAbandoned);
        folder.Delete(recursive: true);
        // It died before it was done with the start: nobody was told of that sandbox.
        Assert.True((orphan with { Detached = true, StartedAt = null }).IsAbandoned);
    }
}
