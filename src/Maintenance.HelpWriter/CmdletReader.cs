using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Maintenance.HelpWriter;

/// <summary>Puts together what the classes of an assembly and their documentation say about its cmdlets.</summary>
/// <remarks>
/// The assembly is only looked at, never loaded to run: it was compiled against a reference assembly of PowerShell that has no code.
/// </remarks>
internal static partial class CmdletReader
{
    private const string Namespace = "System.Management.Automation";

    /// <summary>Reads the cmdlets of an assembly, in the order of their names.</summary>
    /// <param name="assemblyPath">The assembly; its documentation, and that of the types it shows, lies beside it.</param>
    /// <param name="references">Files, and folders of files, where other assemblies are found.</param>
    /// <param name="include">Which classes to read; all cmdlets where it is left out.</param>
    public static IReadOnlyList<CmdletHelp> Read(string assemblyPath, IEnumerable<string> references, Func<Type, bool>? include = null)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(assemblyPath))!;
        using var context = new MetadataLoadContext(new PathAssemblyResolver(
            [assemblyPath, .. references.Append(folder).Append(RuntimeEnvironment.GetRuntimeDirectory()).SelectMany(AssembliesIn)]));

        var types = context.LoadFromAssemblyPath(Path.GetFullPath(assemblyPath)).GetExportedTypes()
            .Where(type => !type.IsAbstract && Attribute(type, "CmdletAttribute") is not null && include?.Invoke(type) != false)
            .ToList();
        var documentation = new DocumentationReader(folder);
        foreach (var type in types)
        {
            documentation.Show(type, NameOf(type));
            foreach (var (property, _) in ParametersOf(type))
            {
                documentation.Show(property, $"-{property.Name}");
            }
        }

        return [.. types.Select(type => Read(type, documentation)).OrderBy(help => help.Name, StringComparer.Ordinal)];
    }

    private static IEnumerable<string> AssembliesIn(string path) =>
        Directory.Exists(path) ? Directory.EnumerateFiles(path, "*.dll") : [path];

    private static CmdletHelp Read(Type type, DocumentationReader documentation)
    {
        var attribute = Attribute(type, "CmdletAttribute")!;
        var read = ParametersOf(type).ToList();
        var remarks = documentation.Remarks(type).ToLookup(paragraph => paragraph.Plain.StartsWith(CmdletHelp.NoteHead, StringComparison.Ordinal));
        var defaults = documentation.Defaults(type);
        var parameters = read.Select(parameter => ReadParameter(parameter.Property, parameter.Uses, documentation, defaults.GetValueOrDefault(parameter.Property.Name))).ToList();
        if (Named(attribute, "SupportsShouldProcess", false))
        {
            parameters.AddRange(ShouldProcessParameters);
        }

        // The default set exists even where no parameter belongs to it alone.
        var sets = parameters.SelectMany(parameter => parameter.Uses).Select(use => use.ParameterSet)
            .Prepend(Named(attribute, "DefaultParameterSetName", ParameterUse.AllSets))
            .Where(set => set != ParameterUse.AllSets).Distinct().ToList();
        return new CmdletHelp
        {
            Verb = (string)attribute.ConstructorArguments[0].Value!,
            Noun = (string)attribute.ConstructorArguments[1].Value!,
            ClassName = type.Name,
            Synopsis = documentation.Summary(type),
            Description = [.. remarks[false]],
            Notes = [.. remarks[true]],
            Examples = documentation.Examples(type),
            Parameters = parameters,
            ParameterSets = sets.Count > 0 ? sets : [ParameterUse.AllSets],
            Inputs =
            [
                .. from parameter in read
                   where parameter.Uses.Any(use => use.ByValue)
                   let input = Bare(parameter.Property.PropertyType)
                   let summary = documentation.Summary(input)
                   select new TypeHelp(LongName(input), summary.IsEmpty ? documentation.Summary(parameter.Property) : summary)
            ],
            Outputs = [.. Outputs(type, documentation).DistinctBy(output => output.Name)],
            Links = documentation.Links(type),
        };
    }

    private static string NameOf(Type type)
    {
        var arguments = Attribute(type, "CmdletAttribute")!.ConstructorArguments;
        return $"{arguments[0].Value}-{arguments[1].Value}";
    }

    private static IEnumerable<(PropertyInfo Property, IReadOnlyList<ParameterUse> Uses)> ParametersOf(Type type) =>
        from property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
        let uses = Attributes(property, "ParameterAttribute").Select(Use).ToList()
        where uses.Count > 0
        select (property, (IReadOnlyList<ParameterUse>)uses);

    private static ParameterUse Use(CustomAttributeData attribute) => new(
        Named(attribute, "ParameterSetName", ParameterUse.AllSets),
        Named(attribute, "Mandatory", false),
        Named(attribute, "Position", int.MinValue) is var position and >= 0 ? position : null,
        Named(attribute, "ValueFromPipeline", false),
        Named(attribute, "ValueFromPipelineByPropertyName", false));

    private static ParameterHelp ReadParameter(PropertyInfo property, IReadOnlyList<ParameterUse> uses, DocumentationReader documentation, string? itsDefault)
    {
        var description = documentation.SummaryParagraphs(property);
        if (itsDefault is not null)
        {
            description = [.. description.Select(paragraph => paragraph.Replace(DefaultSentence(), $"Default: {itsDefault}."))];
        }

        var stated = DefaultSentence().Match(string.Join(' ', description));
        var typeName = ShortName(property.PropertyType);
        return new ParameterHelp
        {
            Name = property.Name,
            ClassName = property.DeclaringType!.Name,
            TypeName = typeName,
            Description = description,
            Default = stated.Success ? stated.Groups[1].Value : typeName == "SwitchParameter" ? "False" : null,
            Uses = uses,
            Aliases = [.. Attributes(property, "AliasAttribute").SelectMany(Strings)],
            Values = [.. Values(property, documentation)],
            AcceptsWildcards = Attribute(property, "SupportsWildcardsAttribute") is not null,
        };
    }

    private static IEnumerable<ValueHelp> Values(PropertyInfo property, DocumentationReader documentation)
    {
        var type = Bare(property.PropertyType);
        return type.IsEnum
            ? type.GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => new ValueHelp(field.Name, documentation.Summary(field)))
            : Attributes(property, "ValidateSetAttribute").SelectMany(Strings).Select(value => new ValueHelp(value, new Paragraph([])));
    }

    private static IEnumerable<TypeHelp> Outputs(Type type, DocumentationReader documentation) =>
        from attribute in Attributes(type, "OutputTypeAttribute")
        from argument in Elements(attribute)
        select argument.Value is Type output
            ? new TypeHelp(LongName(output), documentation.Summary(Bare(output)))
            : new TypeHelp((string)argument.Value!, new Paragraph([]));

    // PowerShell adds them itself, and documents them in the help of no cmdlet.
    private static IEnumerable<ParameterHelp> ShouldProcessParameters =>
    [
        ShouldProcessParameter("WhatIf", "wi", "Shows what would happen if the cmdlet runs. The cmdlet is not run."),
        ShouldProcessParameter("Confirm", "cf", "Prompts you for confirmation before running the cmdlet."),
    ];

    private static ParameterHelp ShouldProcessParameter(string name, string alias, string description) => new()
    {
        Name = name,
        ClassName = "Cmdlet",
        TypeName = "SwitchParameter",
        Description = [new Paragraph([new TextRun(description)])],
        Default = "False",
        Uses = [new ParameterUse(ParameterUse.AllSets, false, null, false, false)],
        Aliases = [alias],
    };

    /// <summary>The type of one value: without array and Nullable.</summary>
    private static Type Bare(Type type)
    {
        var element = type.IsArray ? type.GetElementType()! : type;
        return element is { IsGenericType: true, Name: "Nullable`1" } ? element.GetGenericArguments()[0] : element;
    }

    private static string ShortName(Type type) => NameWith(type, part => part.Name);

    private static string LongName(Type type) => NameWith(type, part => part.FullName ?? part.Name);

    private static string NameWith(Type type, Func<Type, string> name) => type switch
    {
        { IsArray: true } => $"{NameWith(type.GetElementType()!, name)}[]",
        { IsGenericType: true, Name: "Nullable`1" } => NameWith(type.GetGenericArguments()[0], name),
        { IsGenericType: true } =>
            $"{name(type.GetGenericTypeDefinition()).Split('`')[0]}[{string.Join(", ", type.GetGenericArguments().Select(part => NameWith(part, name)))}]",
        _ => name(type),
    };

    private static IEnumerable<CustomAttributeData> Attributes(MemberInfo member, string name) =>
        member.CustomAttributes.Where(attribute => attribute.AttributeType.FullName == $"{Namespace}.{name}");

    private static CustomAttributeData? Attribute(MemberInfo member, string name) => Attributes(member, name).FirstOrDefault();

    private static T Named<T>(CustomAttributeData attribute, string name, T otherwise) =>
        attribute.NamedArguments.FirstOrDefault(argument => argument.MemberName == name).TypedValue.Value is T value ? value : otherwise;

    private static IEnumerable<string> Strings(CustomAttributeData attribute) =>
        Elements(attribute).Select(argument => (string)argument.Value!);

    /// <summary>The constructor's arguments, with those of a params array one by one.</summary>
    private static IEnumerable<CustomAttributeTypedArgument> Elements(CustomAttributeData attribute) =>
        attribute.ConstructorArguments.SelectMany(argument =>
            argument.Value is IReadOnlyCollection<CustomAttributeTypedArgument> several ? several : [argument]);

    [GeneratedRegex(@"\bDefault: (.+?)\.(?=\s|$)")]
    private static partial Regex DefaultSentence();
}
