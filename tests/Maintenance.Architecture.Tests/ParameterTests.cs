using System.Management.Automation;
using System.Reflection;
using Maintenance.Infrastructure;

namespace Maintenance.Architecture.Tests;

/// <summary>What can be typed for a parameter: names complete, and sizes, durations and times are taken as people write them, everywhere.</summary>
public sealed class ParameterTests
{
    /// <summary>Parameters for which nobody but the user knows what to say, and why. Files complete by themselves: PowerShell knows them.</summary>
    private static readonly Dictionary<string, string> FreeText = new()
    {
        ["Connect-MaintenanceTarget.BackupAccountName"] = "an account of somebody whom nobody has asked yet",
        ["Connect-MaintenanceTarget.BackupContainer"] = "as the account",
        ["Connect-MaintenanceTarget.Database"] = "on a server that is not connected yet",
        ["Connect-MaintenanceTarget.HostName"] = "a server that is not connected yet",
        ["Connect-MaintenanceTarget.RootCertificate"] = "a file",
        ["Get-DatabaseBackup.NamePattern"] = "a pattern for names to come",
        ["Invoke-CodeScan.Config"] = "rules of a scanner: files, or addresses of its own",
        ["Invoke-DbRetention.LegalHold"] = "a condition in SQL",
        ["Invoke-LogRotation.Include"] = "a pattern for names to come",
        ["Invoke-LogRotation.Prefix"] = "a beginning of names to come",
        ["New-DatabaseBackup.Name"] = "a new name",
        ["Publish-MaintenanceArtifact.Content"] = "text",
        ["Publish-MaintenanceArtifact.ContentType"] = "a media type, of any registry",
        ["Publish-MaintenanceArtifact.Name"] = "a new name",
        ["Send-MaintenanceNotification.Message"] = "text",
        ["Send-MaintenanceNotification.Title"] = "text",
        ["Start-MaintenanceAgent.Cluster"] = "a new name",
        ["Start-MaintenanceAgent.Instance"] = "a new name",
        ["Start-MaintenanceSandbox.Name"] = "a new name",
        ["Test-AlertRule.By"] = "a person",
        ["Test-AlertRule.Reason"] = "text",
        ["Test-BackupRecency.NamePattern"] = "a pattern for names to come",
    };

    public static TheoryData<string> Named => [.. Parameters.Where(parameter => IsName(parameter.Property)).Select(parameter => parameter.Name)];

    public static TheoryData<string> Measured => [.. Parameters.Where(parameter => TransformationOf(parameter.Property) is not null).Select(parameter => parameter.Name)];

    private static IEnumerable<(string Name, PropertyInfo Property)> Parameters =>
        from cmdlet in typeof(AsyncCmdlet).Assembly.GetExportedTypes()
        let attribute = cmdlet.GetCustomAttribute<CmdletAttribute>()
        where attribute is not null
        from property in cmdlet.GetProperties()
        where property.IsDefined(typeof(ParameterAttribute))
        select ($"{attribute.VerbName}-{attribute.NounName}.{property.Name}", property);

    [Theory]
    [MemberData(nameof(Named))]
    public void A_parameter_that_takes_a_name_completes_unless_nobody_but_the_user_knows_it(string parameter)
    {
        var property = Property(parameter);
        var completes = property.GetCustomAttributes<ArgumentCompleterAttribute>().Any() || property.IsDefined(typeof(ValidateSetAttribute));
        Assert.True(completes != FreeText.ContainsKey(parameter), completes
            ? $"{parameter} completes, and is listed as free text."
            : $"{parameter} needs an [ArgumentCompleter], or a line in {nameof(FreeText)} that says who alone knows what to type.");
    }

    [Fact]
    public void Every_parameter_that_is_listed_as_free_text_is_there() =>
        Assert.Empty(FreeText.Keys.Except(Parameters.Select(parameter => parameter.Name)));

    [Theory]
    [MemberData(nameof(Measured))]
    public void A_size_a_duration_and_a_time_are_taken_as_people_write_them_and_suggested(string parameter)
    {
        var property = Property(parameter);
        Assert.True(TransformationOf(property)!.Any(property.IsDefined), $"{parameter} needs one of: {string.Join(", ", TransformationOf(property)!.Select(type => type.Name))}.");
        Assert.True(property.GetCustomAttributes<ArgumentCompleterAttribute>().Any(), $"{parameter} suggests nothing.");
    }

    [Fact]
    public void A_table_is_taken_by_its_name_its_OID_or_as_an_object() => Assert.All(
        Parameters.Where(parameter => Element(parameter.Property) == typeof(DbObjectReference) || Element(parameter.Property) == typeof(DbObjectPattern)),
        parameter => Assert.Equal(Element(parameter.Property) == typeof(DbObjectPattern), parameter.Property.GetCustomAttribute<DbObjectAttribute>()?.IsPattern));

    private static PropertyInfo Property(string parameter) => Parameters.Single(candidate => candidate.Name == parameter).Property;

    private static bool IsName(PropertyInfo property) =>
        Element(property) is var type && (type == typeof(string) || type == typeof(DbObjectReference) || type == typeof(DbObjectPattern) || type == typeof(TargetArgument))
        && !property.Name.EndsWith("Path", StringComparison.Ordinal);

    // A number of bytes is a long; a number of other things is one where its name says so.
    private static Type[]? TransformationOf(PropertyInfo property) =>
        Element(property) is var type && type == typeof(TimeSpan) ? [typeof(DurationAttribute)]
        : type == typeof(DateTimeOffset) || type == typeof(DateTime) ? [typeof(TimeOrAgoAttribute), typeof(TimeOrInAttribute)]
        : type == typeof(long) && !property.Name.EndsWith("Rows", StringComparison.Ordinal) ? [typeof(ByteSizeAttribute)]
        : null;

    private static Type Element(PropertyInfo property)
    {
        var type = property.PropertyType.IsArray ? property.PropertyType.GetElementType()! : property.PropertyType;
        return Nullable.GetUnderlyingType(type) ?? type;
    }
}
