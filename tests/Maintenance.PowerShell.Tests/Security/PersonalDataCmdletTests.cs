namespace Maintenance.ModuleTests.Security;

/// <summary>Find-DbPersonalData as scripts use it.</summary>
public sealed class PersonalDataCmdletTests(SandboxFixture fixture) : IDisposable
{
    private readonly ModuleRunspace _runspace = new();

    private List<DbPersonalData> Records(string script) =>
        [.. _runspace.Invoke(script, ("target", fixture.Sandbox.Target)).Select(row => (DbPersonalData)row.BaseObject)];

    [Fact]
    public void It_finds_columns_of_the_target_and_takes_it_from_the_pipeline()
    {
        // This sandbox has no rows: names alone speak.
        var records = Records("$target | Find-DbPersonalData -Schema auth, public");
        Assert.Contains(records, record => record is { QualifiedName: "auth.users", Column: "email", Category: PersonalDataCategory.Email, IsReachable: true });
        Assert.All(records, record => Assert.Equal("sandbox", record.Target));
    }

    [Fact]
    public void Parameters_narrow_it()
    {
        Assert.All(Records("Find-DbPersonalData prof* -Target $target"), record => Assert.Equal("profiles", record.Name));
        Assert.Equal(["phone"], Records("Find-DbPersonalData public.profiles -Target $target -Category Phone").Select(record => record.Column!));
        Assert.DoesNotContain(Records("Find-DbPersonalData -Target $target -MinimumConfidence High"), record => record.Confidence < PersonalDataConfidence.High && record.Column is not null);
        Assert.All(Records("Find-DbPersonalData -Target $target -NoSample"), record => Assert.Null(record.SampledRows));
        Assert.All(Records("Find-DbPersonalData public.profiles -Target $target -SubjectTable public.trust_scores"), record => Assert.NotNull(record.IsReachable));
    }

    [Theory]
    [InlineData("Find-DbPersonalData nowhere -Target $target", "ObjectNotFound,")]
    [InlineData("Find-DbPersonalData 'nowhere*' -Target $target", "ObjectNotFound,")]
    [InlineData("Find-DbPersonalData '[x' -Target $target", "ObjectNotFound,")]
    [InlineData("Find-DbPersonalData -Schema 'nowhere*' -Target $target", "ObjectNotFound,")]
    [InlineData("Find-DbPersonalData users -Schema public -Target $target", "ObjectNotFound,")]
    [InlineData("Find-DbPersonalData -UntrustedRole anno -Target $target", "ObjectNotFound,")]
    [InlineData("Find-DbPersonalData -ExposedSchema pulbic -Target $target", "ObjectNotFound,")]
    [InlineData("Find-DbPersonalData -SubjectTable public.nowhere -Target $target", "ObjectNotFound,")]
    [InlineData("Find-DbPersonalData -SubjectTable a.b.c -Target $target", "InvalidArgument,")]
    public void What_is_not_there_is_an_error(string script, string id) =>
        Assert.StartsWith(id, Assert.Single(_runspace.Run(script, ("target", fixture.Sandbox.Target)).Errors).FullyQualifiedErrorId, StringComparison.Ordinal);

    public void Dispose() => _runspace.Dispose();
}
