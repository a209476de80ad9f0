using System.Text.RegularExpressions;
using YamlDotNet.Serialization;

namespace Maintenance.Architecture.Tests;

/// <summary>The workflows for GitHub, as far as they can be checked without it.</summary>
public sealed partial class WorkflowTests
{
    public static TheoryData<string> Workflows => [.. Directory.GetFiles(Path.Combine(Repository.Root, ".github", "workflows"), "*.yml").Select(path => Path.GetFileName(path))];

    [Theory]
    [MemberData(nameof(Workflows))]
    public void Every_job_says_where_it_runs_how_long_and_what_it_may(string file)
    {
        var workflow = Read(file);
        Assert.True(workflow.ContainsKey("permissions"));
        Assert.NotEmpty(Map(workflow["jobs"]));
        Assert.All(Map(workflow["jobs"]).Values.Select(Map), job =>
        {
            Assert.True(job.ContainsKey("runs-on"));
            Assert.True(job.ContainsKey("timeout-minutes"));
        });
    }

    [Theory]
    [MemberData(nameof(Workflows))]
    public void An_action_is_pinned_to_a_version(string file) =>
        Assert.All(Steps(file).Where(step => step.ContainsKey("uses")), step => Assert.Matches(@"^[\w-]+/[\w-]+@v\d+$", (string)step["uses"]));

    /// <summary>A script, project or target that was renamed would be missed only when a workflow is run.</summary>
    [Theory]
    [MemberData(nameof(Workflows))]
    public void What_a_step_runs_is_there(string file)
    {
        var commands = string.Join('\n', Steps(file).Where(step => step.ContainsKey("run")).Select(step => (string)step["run"]));
        Assert.NotEmpty(commands);
        var paths = PathInRepository().Matches(commands).Select(match => match.Value).ToArray();
        Assert.All(paths, path => Assert.True(File.Exists(Path.Combine(Repository.Root, path)), path));
        Assert.All(
            Steps(file).Where(step => step.TryGetValue("with", out var with) && Map(with).ContainsKey("global-json-file")),
            step => Assert.True(File.Exists(Path.Combine(Repository.Root, (string)Map(step["with"])["global-json-file"]))));
    }

    [Fact]
    public void Both_Linux_and_the_other_systems_and_the_versions_between_are_tested()
    {
        var jobs = Map(Read("ci.yml")["jobs"]);
        Assert.Contains(Steps("ci.yml"), step => step.TryGetValue("run", out var run) && (string)run == ".ci/run");
        Assert.Equal(["windows-latest", "macos-latest"], Matrix("desktop", "os"));
        Assert.Equal(["16", "17"], Matrix("postgres", "version"));

        IEnumerable<object> Matrix(string job, string name) => (List<object>)Map(Map(Map(jobs[job])["strategy"])["matrix"])[name];
    }

    private static IEnumerable<Dictionary<object, object>> Steps(string file) =>
        Map(Read(file)["jobs"]).Values.SelectMany(job => (List<object>)Map(job)["steps"]).Select(Map);

    private static Dictionary<object, object> Read(string file) =>
        new DeserializerBuilder().Build().Deserialize<Dictionary<object, object>>(File.ReadAllText(Path.Combine(Repository.Root, ".github", "workflows", file)));

    private static Dictionary<object, object> Map(object value) => (Dictionary<object, object>)value;

    [GeneratedRegex(@"(?<![\w./-])(?:\.ci/\w+|(?:src|tests)/[\w./-]+|[\w.]+\.(?:sln|proj|ps1))(?![\w/])")]
    private static partial Regex PathInRepository();
}
