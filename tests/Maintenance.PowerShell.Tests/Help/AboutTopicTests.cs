namespace Maintenance.ModuleTests.Help;

/// <summary>The about topics of the built module, as a user's session shows them.</summary>
public sealed class AboutTopicTests
{
    [Fact]
    public void There_is_one_for_the_module_its_configuration_its_safety_and_its_alerts() => Assert.Equal(
        ["about_Maintenance", "about_Maintenance_Alerts", "about_Maintenance_Configuration", "about_Maintenance_Safety"], AboutTopic.All.Select(topic => topic.Name));

    [Fact]
    public void Get_Help_finds_each_and_it_fits_a_terminal()
    {
        using var runspace = new ModuleRunspace();
        Assert.All(AboutTopic.All, topic =>
        {
            var shown = $"{Assert.Single(runspace.Invoke($"Get-Help {topic.Name}"))}";
            Assert.All(topic.Lines, line => Assert.Contains(line, shown, StringComparison.Ordinal));
            Assert.All(topic.Lines, line => Assert.InRange(line.Length, 0, 80));
        });
    }

    [Fact]
    public void They_name_only_cmdlets_and_topics_that_exist()
    {
        using var runspace = new ModuleRunspace();
        Assert.All(AboutTopic.All, topic =>
        {
            var text = string.Join('\n', topic.Lines);
            Assert.All(HelpText.CmdletNames(text), name => Assert.True(runspace.Command(name) is not null, $"There is no {name}."));
            Assert.All(HelpText.TopicNames(text), name => Assert.Contains(name, AboutTopic.All.Select(other => other.Name)));
        });
    }

    [Fact]
    public void Every_cmdlet_is_found_from_the_first_of_them()
    {
        var named = HelpText.CmdletNames(string.Join('\n', AboutTopic.All[0].Lines));
        Assert.All(CmdletHelpTests.Exported, name => Assert.Contains(name, named));
    }

    [Fact]
    public void What_is_to_be_typed_names_commands_and_parameters_that_exist()
    {
        using var runspace = new ModuleRunspace();
        Assert.All(AboutTopic.All, topic => Assert.NotEmpty(topic.Code));
        Assert.Empty(
            from topic in AboutTopic.All
            from code in topic.Code
            from fault in HelpText.Faults(code, runspace.Command, CmdletHelpTests.Exported)
            select $"{topic.Name}: {code}: {fault}");
    }
}
