using Maintenance.Engine.Sandbox;

namespace Maintenance.Engine.Tests.Sandbox;

public sealed class SampleScriptTests
{
    [Fact]
    public void A_script_is_cut_at_its_headings_and_comments_in_front_are_left_out()
    {
        var steps = SampleScript.Parse("-- About this file.\n\n-- step: One\nSELECT 1;\nSELECT 2;\n\n-- step: Two\n-- Because.\nVACUUM t;\n");

        Assert.Equal([new SampleStep("One", "SELECT 1;\nSELECT 2;", null, 1), new SampleStep("Two", "VACUUM t;", null, 1)], steps);
    }

    [Fact]
    public void A_step_says_how_often_it_runs_and_with_what_it_has_to_fail()
    {
        var steps = SampleScript.Parse("-- step: Often\n-- repeat: 25\nSELECT 1;\n-- step: In vain\n-- Reason.\n-- expect: 23505\nSELECT 2;");

        Assert.Equal(25, steps[0].Repeat);
        Assert.Null(steps[0].ExpectedError);
        Assert.Equal(1, steps[1].Repeat);
        Assert.Equal("23505", steps[1].ExpectedError);
    }

    [Fact]
    public void Windows_line_ends_make_no_difference()
    {
        const string Script = "-- step: One\nSELECT 1;\n-- step: Two\n-- repeat: 2\nSELECT 2;\n";

        Assert.Equal(SampleScript.Parse(Script), SampleScript.Parse(Script.Replace("\n", "\r\n", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_heading_inside_a_line_is_text() =>
        Assert.Equal("SELECT '-- step: no';", Assert.Single(SampleScript.Parse("-- step: One\nSELECT '-- step: no';")).Sql);
}
