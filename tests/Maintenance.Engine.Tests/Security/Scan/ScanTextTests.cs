using Maintenance.Engine.Security.Scan;

namespace Maintenance.EngineTests.Security.Scan;

/// <summary>What scanners say is shown without secrets and without people. Every secret here is made up, and a tilde keeps it from being taken for one in this file.</summary>
public sealed class ScanTextTests
{
    [Theory]
    [InlineData("FTL error: API_TOK~EN=kq93JfLs02MnXz71QpWe")]
    [InlineData("cannot reach https://app:kq93JfLs02Mn@db.internal/x")]
    [InlineData("curl -H 'Authorization: Bea~rer kq93JfLs02MnXz71QpWe8dhf' failed")]
    [InlineData("SECR~ET_KEY = 'p7$kq93jfls02mnxz71qpwe-83hd'")]
    [InlineData("CREATE ROLE app LOGIN PASSW~ORD 'kq93JfLs02MnXz71QpWe'")]
    [InlineData("{\\\"passw~ord\\\":\\\"kq93JfLs02MnXz71QpWe\\\"}")]
    public void Secrets_are_taken_out_and_cleaning_again_changes_nothing(string text)
    {
        var clean = ScanText.Clean(text.Replace("~", "", StringComparison.Ordinal));

        Assert.DoesNotContain("kq93", clean, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("[redacted, ", clean, StringComparison.Ordinal);
        Assert.Equal(clean, ScanText.Clean(clean));
        Assert.Equal(clean, ScanText.Clean(ScanText.Clean(clean), 500));
    }

    [Fact]
    public void Addresses_of_people_are_taken_out_and_versions_stay()
    {
        Assert.Equal("panic: commit of [e-mail address] is broken", ScanText.Clean("panic: commit of jane.doe+x@mail.example.com is broken"));
        Assert.Equal("lodash@4.17.21 and react@19.0.0-rc.one", ScanText.Clean("lodash@4.17.21 and react@19.0.0-rc.one"));
    }

    [Fact]
    public void Cutting_what_was_cut_changes_nothing()
    {
        for (var length = 1; length < 60; length++)
        {
            var clean = ScanText.Clean("one two three four five six seven eight nine ten and so on", length);
            Assert.Equal(clean, ScanText.Clean(clean, length));
        }
    }
}
