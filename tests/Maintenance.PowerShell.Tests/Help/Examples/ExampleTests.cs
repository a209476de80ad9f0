using Maintenance.ModuleTests.Configuration;

namespace Maintenance.ModuleTests.Help.Examples;

/// <summary>Every example of every cmdlet and about topic, run as it stands in a world in which all that examples name is there.</summary>
[Collection(EnvironmentCollection.Name)]
public sealed class ExampleTests(ExampleWorldFixture fixture) : IClassFixture<ExampleWorldFixture>
{
    public static TheoryData<string> Names => [.. WrittenExamples.All.Where(written => written.Value.Any(code => !WrittenExamples.IsAboutSandboxes(code))).Select(written => written.Key)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Examples_run_without_an_error(string name)
    {
        var failures = new List<string>();
        using (fixture.World.Furnish(name))
        {
            foreach (var (index, code) in WrittenExamples.All[name].Index())
            {
                if (!WrittenExamples.IsAboutSandboxes(code)
                    && ExampleExceptions.Reason(name, code) is null
                    && fixture.World.Run(code, endless: WrittenExamples.Commands(code).Contains("Start-MaintenanceAgent")) is { } trouble)
                {
                    failures.Add($"{name}, example {index + 1}: {code}{Environment.NewLine}{trouble}");
                }
            }
        }

        Assert.True(failures.Count == 0, string.Join(Environment.NewLine + Environment.NewLine, failures));
    }

    [Fact]
    public void What_is_excepted_is_an_example() =>
        Assert.All(ExampleExceptions.All, excepted => Assert.Contains(excepted.Code, WrittenExamples.All[excepted.Name]));
}
