using System.Management.Automation;

namespace Maintenance.ModuleTests.Security;

/// <summary>Test-DbRowSecurity as scripts use it.</summary>
public sealed class RowSecurityCmdletTests(SandboxFixture fixture) : IDisposable
{
    private readonly ModuleRunspace _runspace = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("maintenance-rls-").FullName;

    private List<RowSecurityAccess> Accesses(string script) =>
        [.. _runspace.Invoke(script, ("target", fixture.Sandbox.Target), ("path", Path.Combine(_folder, "rls.json"))).Select(row => (RowSecurityAccess)row.BaseObject)];

    private ErrorRecord Error(string script) =>
        Assert.Single(_runspace.Run(script, ("target", fixture.Sandbox.Target), ("path", Path.Combine(_folder, "rls.json"))).Errors);

    [Fact]
    public void Strangers_are_tried_where_nobody_is_named_and_only_read()
    {
        var all = Accesses("Test-DbRowSecurity -Target $target");
        Assert.Equal(["anon", "authenticated"], all.Select(access => access.Subject).Distinct().Order(StringComparer.Ordinal));
        // This sandbox has no rows.
        Assert.Equal("it is empty: nothing is proved", all.Single(access => access is { Name: "profiles", Subject: "authenticated" }).Select!.Reason);
        Assert.Equal("writing is tried with -Write only", all.Single(access => access is { Name: "profiles", Subject: "authenticated" }).Update!.Reason);
        Assert.All(Accesses("$target | Test-DbRowSecurity public.pro*"), access => Assert.Equal("profiles", access.Name));
    }

    [Fact]
    public void Expectations_are_written_once_and_compared_with()
    {
        const string subject = "-Subject anon, @{ Name = 'A'; Role = 'authenticated'; Claims = @{ sub = '00000000-0000-4000-8000-000000000001'; deep = @{ n = 1 } } }";
        Assert.NotEmpty(Accesses($"Test-DbRowSecurity profiles, trust_scores -Target $target -Write {subject} -Generate -ExpectationPath $path"));
        Assert.StartsWith("FileExists,", Error("Test-DbRowSecurity -Target $target -Generate -ExpectationPath $path").FullyQualifiedErrorId, StringComparison.Ordinal);
        var path = Path.Combine(_folder, "rls.json");
        Assert.DoesNotContain(Accesses("Test-DbRowSecurity profiles, trust_scores -Target $target -Write -ExpectationPath $path").SelectMany(access => access.Findings), finding => finding.Outcome == FindingOutcome.Fail);
    }

    [Fact]
    public void One_file_is_of_one_target_even_with_force()
    {
        var other = fixture.Sandbox.Target with { Name = "another" };
        var path = Path.Combine(_folder, "rls.json");
        var result = _runspace.Run("$target, $other | Test-DbRowSecurity profiles -Generate -Force -ExpectationPath $path", ("target", fixture.Sandbox.Target), ("other", other), ("path", path));
        var error = Assert.Single(result.Errors);
        Assert.StartsWith("InvalidArgument,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("another", error.ToString(), StringComparison.Ordinal);
        Assert.True(File.Exists(path));
        Assert.All(result.Output, row => Assert.Equal(fixture.Sandbox.Target.Name, ((RowSecurityAccess)row.BaseObject).Target));
    }

    [Theory]
    [InlineData("[]", "$ is no object")]
    [InlineData("{", "no JSON")]
    [InlineData("""{"version":1,"subjects":[],"tables":{"public.t":{"a":{"select":"Most"}}}}""", "$.tables['public.t']['a'].select")]
    [InlineData("""{"version":1,"subjects":[{"name":"a"}],"tables":{}}""", "$.subjects[0]")]
    public void A_file_that_is_wrong_is_refused_with_the_place(string text, string place)
    {
        File.WriteAllText(Path.Combine(_folder, "rls.json"), text);
        var error = Error("Test-DbRowSecurity -Target $target -ExpectationPath $path");
        Assert.StartsWith("ConfigurationInvalid,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(place, error.ToString(), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _runspace.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
