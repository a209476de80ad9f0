using System.Management.Automation;
using System.Reflection;
using System.Text.RegularExpressions;
using Maintenance.Infrastructure;

namespace Maintenance.Architecture.Tests;

/// <summary>Conventions that every cmdlet keeps.</summary>
public sealed partial class CmdletTests
{
    private static readonly Assembly Module = typeof(AsyncCmdlet).Assembly;

    public static TheoryData<Type> Cmdlets => [.. Module.GetExportedTypes().Where(type => type.GetCustomAttribute<CmdletAttribute>() is not null)];

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void A_cmdlet_is_sealed_and_named_after_its_verb_and_noun(Type cmdlet)
    {
        var attribute = cmdlet.GetCustomAttribute<CmdletAttribute>()!;
        Assert.True(cmdlet.IsSealed);
        Assert.Equal($"{attribute.VerbName}{attribute.NounName}Command", cmdlet.Name);
        Assert.Equal("Maintenance.Commands", cmdlet.Namespace);
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void A_cmdlet_uses_an_approved_verb(Type cmdlet)
    {
        var approved = new[] { typeof(VerbsCommon), typeof(VerbsCommunications), typeof(VerbsData), typeof(VerbsDiagnostic), typeof(VerbsLifecycle), typeof(VerbsSecurity), typeof(VerbsOther) }
            .SelectMany(type => type.GetFields(BindingFlags.Public | BindingFlags.Static))
            .Select(field => (string)field.GetRawConstantValue()!);
        Assert.Contains(cmdlet.GetCustomAttribute<CmdletAttribute>()!.VerbName, approved);
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void A_cmdlet_says_what_it_outputs(Type cmdlet) =>
        Assert.NotEmpty(cmdlet.GetCustomAttributes<OutputTypeAttribute>().SelectMany(output => output.Type));

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void A_cmdlet_runs_on_the_async_bridge(Type cmdlet) => Assert.True(cmdlet.IsSubclassOf(typeof(AsyncCmdlet)));

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void A_changing_cmdlet_asks_first(Type cmdlet)
    {
        var attribute = cmdlet.GetCustomAttribute<CmdletAttribute>()!;
        // Connect and Disconnect change the session alone; Test and Get change nothing, but that a restore test makes a scratch server, a
        // test of row security may write a file, a test of alert rules remembers where they stand, a compliance report may let a function resolve issues, and a forecast may be told and published. A scan reads.
        var readsOnly = attribute is not ({ VerbName: "Test", NounName: "BackupRestore" or "DbRowSecurity" or "AlertRule" } or { VerbName: "Get", NounName: "ComplianceReport" or "CapacityForecast" }) && attribute.VerbName is "Get" or "Test" or "Connect" or "Disconnect" or "Find" or "Compare" || attribute is { VerbName: "Invoke", NounName: "CodeScan" };
        Assert.Equal(!readsOnly, attribute.SupportsShouldProcess);
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void A_cmdlet_shows_no_engine_type_to_the_import(Type cmdlet)
    {
        // PowerShell reflects over these before the engine can be resolved.
        var shown = cmdlet.GetProperties().Select(property => property.PropertyType)
            .Concat(cmdlet.GetInterfaces())
            .Concat(Ancestors(cmdlet))
            .SelectMany(WithArguments);
        Assert.DoesNotContain(shown, type => type.Assembly.GetName().Name == "Maintenance.Engine");
    }

    [Fact]
    public void The_manifest_exports_exactly_the_cmdlets_there_are()
    {
        var manifest = File.ReadAllText(Path.Combine(Repository.Root, "module", "Maintenance.psd1"));
        var list = ExportList().Match(manifest).Groups[1].Value;
        var exported = Quoted().Matches(list).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal);
        var there = Cmdlets.Select(row => row.Data.GetCustomAttribute<CmdletAttribute>()!)
            .Select(attribute => $"{attribute.VerbName}-{attribute.NounName}").Order(StringComparer.Ordinal);
        Assert.Equal(there, exported);
    }

    private static IEnumerable<Type> Ancestors(Type type)
    {
        for (var ancestor = type.BaseType; ancestor is not null; ancestor = ancestor.BaseType)
        {
            yield return ancestor;
        }
    }

    private static IEnumerable<Type> WithArguments(Type type) => type.GetGenericArguments().Append(type);

    [GeneratedRegex(@"CmdletsToExport = @\((.*?)\)", RegexOptions.Singleline)]
    private static partial Regex ExportList();

    [GeneratedRegex("'([^']+)'")]
    private static partial Regex Quoted();
}
