using System.Reflection;
using Maintenance.Engine;
using Maintenance.Infrastructure;

namespace Maintenance.Architecture.Tests;

/// <summary>Who may know whom.</summary>
public sealed class BoundaryTests
{
    private static readonly Assembly Contracts = typeof(MaintenanceTarget).Assembly;
    private static readonly Assembly Engine = typeof(MaintenanceEngine).Assembly;
    private static readonly Assembly Module = typeof(AsyncCmdlet).Assembly;

    [Fact]
    public void Contracts_need_the_platform_alone() => Assert.All(References(Contracts), AssertPlatform);

    [Fact]
    public void The_engine_does_not_know_PowerShell() =>
        Assert.DoesNotContain(References(Engine), name => name is "System.Management.Automation" or "Maintenance.PowerShell");

    [Fact]
    public void Cmdlets_know_PowerShell_the_contracts_and_the_engine_and_nothing_else() => Assert.All(
        References(Module).Except(["System.Management.Automation", "Maintenance.Contracts", "Maintenance.Engine"]),
        AssertPlatform);

    [Fact]
    public void Only_contracts_and_platform_types_cross_the_boundary()
    {
        var crossing = Engine.GetExportedTypes()
            .SelectMany(type => type.GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
            .SelectMany(Types)
            .SelectMany(Flatten)
            .Where(type => type.Assembly != Contracts && type.Assembly != Engine)
            .Distinct();
        Assert.All(crossing, type => AssertPlatform(type.Assembly.GetName().Name!));
    }

    [Fact]
    public void Engine_types_are_seen_from_outside_only_if_the_composition_root_hands_them_out()
    {
        var services = typeof(MaintenanceEngine).GetProperties().Select(property => property.PropertyType).Append(typeof(MaintenanceEngine));
        Assert.Equal(
            services.Select(type => type.FullName).Order(StringComparer.Ordinal),
            Engine.GetExportedTypes().Select(type => type.FullName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_error_code_has_a_category_of_its_own_choosing()
    {
        var undecided = Enum.GetValues<MaintenanceErrorCode>()
            .Where(code => ErrorRecords.CategoryOf(code) == System.Management.Automation.ErrorCategory.NotSpecified);
        Assert.Empty(undecided);
    }

    [Fact]
    public void Every_error_code_has_a_number_and_a_name_of_its_own()
    {
        var values = Enum.GetValues<MaintenanceErrorCode>().Select(code => (int)code).ToArray();
        Assert.Equal(values.Length, values.Distinct().Count());
    }

    private static IEnumerable<string> References(Assembly assembly) => assembly.GetReferencedAssemblies().Select(name => name.Name!);

    private static void AssertPlatform(string name) => Assert.True(
        name is "netstandard" or "mscorlib" or "System.Private.CoreLib" || File.Exists(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, name + ".dll")),
        $"{name} is not part of the platform.");

    private static IEnumerable<Type> Types(MemberInfo member) => member switch
    {
        MethodBase method => method.GetParameters().Select(parameter => parameter.ParameterType)
            .Concat(method is MethodInfo { ReturnType: var result } ? [result] : []),
        PropertyInfo property => [property.PropertyType],
        FieldInfo field => [field.FieldType],
        _ => [],
    };

    private static IEnumerable<Type> Flatten(Type type) =>
        type.HasElementType ? Flatten(type.GetElementType()!)
        : type.IsGenericType ? type.GetGenericArguments().SelectMany(Flatten).Append(type.GetGenericTypeDefinition())
        : type.IsGenericParameter ? [] : [type];
}
