using Maintenance.Engine.Functions;
using Maintenance.Engine.Repair;
using Maintenance.Engine.Repair.Actions;
using Maintenance.Engine.Programs;

namespace Maintenance.Engine.Tests.Repair;

/// <summary>Programs as remedies, with real programs. The Supabase CLI cannot be had here: a script that says what it says stands in for it.</summary>
public sealed class RepairProgramTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("maintenance-program-").FullName;

    public RepairProgramTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "The programs of these tests are scripts of a Unix shell.");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_program_of_the_configuration_gets_its_arguments_as_they_are_without_a_shell()
    {
        var program = Script("mend", "for a in \"$@\"; do echo \"[$a]\"; done");
        var context = Custom(program, ["--subject", "{subject}", "{target}-{database}", "$(id)", "{other}"], subject: "a; rm -rf / {target}");

        var told = await RunAsync(context);

        Assert.Contains("[--subject] | [a; rm -rf / {target}] | [prod-app] | [$(id)] | [{other}]", told, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--delete-everything")]
    [InlineData("two\nlines")]
    [InlineData("\u0000")]
    public async Task A_subject_that_would_be_more_than_an_argument_is_refused(string subject) =>
        Assert.Equal(MaintenanceErrorCode.RemedyRefused, (await Assert.ThrowsAsync<MaintenanceException>(() => RunAsync(Custom(Script("mend", "exit 0"), ["{subject}"], subject)))).Code);

    [Fact]
    public async Task What_a_program_says_is_told_when_it_fails_but_no_secret_of_it()
    {
        var program = Script("mend", "echo 'password=hunter2-hunter2' >&2; echo 'it is the disk' >&2; exit 3");

        var failure = await Assert.ThrowsAsync<MaintenanceException>(() => RunAsync(Custom(program, [])));

        Assert.Contains("exit code 3", failure.Message, StringComparison.Ordinal);
        Assert.Contains("it is the disk", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2-hunter2", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_takes_too_long_is_killed_with_what_it_started()
    {
        var left = Path.Combine(_folder, "left");
        var program = Script("mend", $"echo 'waiting for the disk'; echo 'password=hunter2-hunter2' >&2; (sleep 3; touch '{left}') & sleep 600");
        var context = Custom(program, []);
        context = context with { Target = context.Target with { Repair = new RepairPolicy { Remedies = [context.Target.Repair.Remedies[0] with { Timeout = TimeSpan.FromSeconds(1) }] } } };

        var failure = await Assert.ThrowsAsync<MaintenanceException>(() => RunAsync(context));
        Assert.Equal(MaintenanceErrorCode.DeadlineExceeded, failure.Code);
        Assert.Contains("waiting for the disk", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2-hunter2", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("-TimeoutSeconds", failure.Recommendation, StringComparison.Ordinal);

        await Task.Delay(TimeSpan.FromSeconds(4), Token);
        Assert.False(File.Exists(left));
    }

    [Fact]
    public async Task A_finding_gets_only_the_program_that_the_configuration_has_for_it()
    {
        var context = Custom(Script("mend", "exit 0"), []);
        var action = new CustomAction(TimeProvider.System);

        await Assert.ThrowsAsync<MaintenanceException>(() => action.PlanAsync(context with { Finding = context.Finding with { Id = "OTHER" } }, Token));
        await Assert.ThrowsAsync<MaintenanceException>(() => action.PlanAsync(context with { Remedy = context.Remedy with { Parameters = new Dictionary<string, string> { ["name"] = "/bin/sh" } } }, Token));
        Assert.Null(CustomAction.RemedyFor(context.Target, context.Finding with { Id = "OTHER" }));
        Assert.Equal("mend", CustomAction.RemedyFor(context.Target, context.Finding)!.Parameters["name"]);
    }

    [Fact]
    public async Task A_function_is_deployed_from_the_revision_alone_with_the_token_in_the_environment()
    {
        var (source, revision) = await SourceAsync();
        var cli = Script("supabase", "echo \"$@ in $(cat supabase/functions/checkout/index.ts) as $SUPABASE_ACCESS_TOKEN\" > \"$(dirname \"$0\")/called\"; echo \"token $SUPABASE_ACCESS_TOKEN\" >&2; echo \"Deployed Functions on project $5: $3\"");
        Environment.SetEnvironmentVariable("REPAIR_TEST_TOKEN", "sbp-very-secret");
        var context = Deployment(source, revision, "checkout");

        using var functions = new FunctionService(TimeProvider.System);
        var action = new DeployFunctionAction(functions, name => name == "supabase" ? cli : RemedyProgram.Find(name), TimeProvider.System);
        var planned = await action.PlanAsync(context, Token);
        Assert.Equal($"supabase functions deploy checkout --project-ref abcdef # revision {revision} of {source}", Assert.Single(planned.Steps).Command);
        await Assert.ThrowsAsync<MaintenanceException>(() => action.RunAsync(context, [planned.Steps[0] with { Command = "supabase functions deploy checkout --project-ref abcdef # revision of yesterday" }], Token));
        Assert.False(File.Exists(Path.Combine(_folder, "called")));

        var told = await DeployAsync(cli, context);

        Assert.Contains("was deployed from revision", told, StringComparison.Ordinal);
        Assert.DoesNotContain("sbp-very-secret", told, StringComparison.Ordinal);
        Assert.Equal("functions deploy checkout --project-ref abcdef in pinned as sbp-very-secret\n", await File.ReadAllTextAsync(Path.Combine(_folder, "called"), Token));
    }

    [Fact]
    public async Task A_token_that_the_program_prints_is_not_told()
    {
        var (source, revision) = await SourceAsync();
        var cli = Script("supabase", "echo \"bad token $SUPABASE_ACCESS_TOKEN\" >&2; exit 1");
        Environment.SetEnvironmentVariable("REPAIR_TEST_TOKEN", "sbp-very-secret");

        var failure = await Assert.ThrowsAsync<MaintenanceException>(() => DeployAsync(cli, Deployment(source, revision, "checkout")));

        Assert.Contains("[redacted]", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("sbp-very-secret", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../../etc")]
    [InlineData("-h")]
    [InlineData("checkout;id")]
    [InlineData("Checkout")]
    [InlineData("checkout\n")]
    [InlineData("")]
    [InlineData("missing")]
    public async Task A_name_that_no_function_of_the_revision_has_is_refused(string name)
    {
        var (source, revision) = await SourceAsync();

        await RefusedAsync(Deployment(source, revision, name));
    }

    [Fact]
    public async Task Anything_but_the_pinned_revision_without_changes_is_refused()
    {
        var (source, revision) = await SourceAsync();
        await RefusedAsync(Deployment(source, new string('a', 40), "checkout"));
        await RefusedAsync(Deployment(source, revision[..12], "checkout"));
        await RefusedAsync(Deployment(source, "HEAD", "checkout"));
        await RefusedAsync(Deployment(Path.Combine(source, "nowhere"), revision, "checkout"));
        await RefusedAsync(Deployment(source, revision, "checkout") with { Target = new MaintenanceTarget { Name = "prod" } });

        var untracked = Path.Combine(source, "new.ts");
        await File.WriteAllTextAsync(untracked, "x", Token);
        await RefusedAsync(Deployment(source, revision, "checkout"));
        File.Delete(untracked);

        var index = Path.Combine(source, "supabase", "functions", "checkout", "index.ts");
        await File.WriteAllTextAsync(index, "tampered", Token);
        await RefusedAsync(Deployment(source, revision, "checkout"));
    }

    [Fact]
    public async Task A_change_that_git_was_told_not_to_see_is_not_deployed()
    {
        var (source, revision) = await SourceAsync();
        await GitAsync(source, "update-index", "--assume-unchanged", "supabase/functions/checkout/index.ts");
        await File.WriteAllTextAsync(Path.Combine(source, "supabase", "functions", "checkout", "index.ts"), "tampered", Token);
        var cli = Script("supabase", "cat supabase/functions/checkout/index.ts > \"$(dirname \"$0\")/called\"; echo \"Deployed Functions on project $5: $3\"");

        await DeployAsync(cli, Deployment(source, revision, "checkout") with { });

        Assert.Equal("pinned", await File.ReadAllTextAsync(Path.Combine(_folder, "called"), Token));
    }

    [Fact]
    public async Task A_missing_program_is_said()
    {
        var (source, revision) = await SourceAsync();
        using var functions = new FunctionService(TimeProvider.System);
        var action = new DeployFunctionAction(functions, name => RemedyProgram.Find(name == "supabase" ? "supabase-that-nobody-has" : name), TimeProvider.System);

        Assert.Equal(MaintenanceErrorCode.ProgramNotFound, (await Assert.ThrowsAsync<MaintenanceException>(() => action.PlanAsync(Deployment(source, revision, "checkout"), Token))).Code);
    }

    private static async Task<string> RunAsync(RepairContext context)
    {
        var action = new CustomAction(TimeProvider.System);
        var steps = await action.PlanAsync(context, Token);
        return await action.RunAsync(context, steps.Steps, Token);
    }

    private static async Task<string> DeployAsync(string cli, RepairContext context)
    {
        using var functions = new FunctionService(TimeProvider.System);
        var action = new DeployFunctionAction(functions, name => name == "supabase" ? cli : RemedyProgram.Find(name), TimeProvider.System);
        var steps = await action.PlanAsync(context, Token);
        return await action.RunAsync(context, steps.Steps, Token);
    }

    private async Task RefusedAsync(RepairContext context)
    {
        var called = Path.Combine(_folder, "called");
        await Assert.ThrowsAsync<MaintenanceException>(() => DeployAsync(Script("supabase", $"touch '{called}'; echo \"Deployed Functions on project $5: $3\""), context));
        Assert.False(File.Exists(called));
    }

    private static Finding Issue(string? subject = "thing") => new() { Id = "MY-ISSUE", Area = "Test", Severity = FindingSeverity.High, Message = "m", Subject = subject, Database = "app" };

    private static RepairContext Custom(string program, string[] arguments, string subject = "thing")
    {
        var target = new MaintenanceTarget { Name = "prod", Repair = new RepairPolicy { Remedies = [new CustomRemedy { Name = "mend", Finding = "MY-*", Program = program, Arguments = arguments, Risk = RemedyRisk.Low }] } };
        return new RepairContext(target, Issue(subject), CustomAction.RemedyFor(target, Issue())!, new RepairOptions(), Calls.Silent());
    }

    private static RepairContext Deployment(string source, string revision, string name) => new(
        new MaintenanceTarget
        {
            Name = "prod",
            Repair = new RepairPolicy
            {
                FunctionDeployment = new FunctionDeployment
                {
                    ProjectRef = "abcdef",
                    Source = source,
                    Revision = revision,
                    AccessToken = SecretReference.TryParse("env:REPAIR_TEST_TOKEN", out var token) && Environment.GetEnvironmentVariable("REPAIR_TEST_TOKEN") is not null ? token : null,
                },
            },
        },
        Issue(),
        new Remedy { Kind = "DeployFunction", Command = "", Parameters = new Dictionary<string, string> { ["name"] = name } },
        new RepairOptions(),
        Calls.Silent());

    private string Script(string name, string body)
    {
        var path = Path.Combine(_folder, name);
        ShellScript.Write(path, $"#!/bin/sh\n{body}\n");
        return path;
    }

    private async Task<(string Source, string Revision)> SourceAsync()
    {
        var source = Directory.CreateDirectory(Path.Combine(_folder, "source")).FullName;
        var function = Directory.CreateDirectory(Path.Combine(source, "supabase", "functions", "checkout")).FullName;
        await File.WriteAllTextAsync(Path.Combine(function, "index.ts"), "pinned", Token);
        await GitAsync(source, "init", "--quiet");
        await GitAsync(source, "add", "-A");
        await GitAsync(source, "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "--quiet", "-m", "x");
        return (source, (await GitAsync(source, "rev-parse", "HEAD")).Trim());
    }

    private static async Task<string> GitAsync(string folder, params string[] arguments)
    {
        var result = await new ProgramCall("git", arguments, folder).RunAsync(Token);
        Assert.True(result.ExitCode == 0, result.Output);
        return result.Output;
    }
}
