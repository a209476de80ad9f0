using System.Collections;
using System.Globalization;
using System.Management.Automation;
using Maintenance.Formatting;

namespace Maintenance.Infrastructure;

/// <summary>
/// Lets a parameter take tables and indexes as people have them: a text is a name, a whole number an OID, and a row of a cmdlet the object that it is
/// about, also where the row was kept in a file meanwhile.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DbObjectAttribute : ArgumentTransformationAttribute
{
    /// <summary>True where names may hold wildcards.</summary>
    public bool IsPattern { get; set; }

    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        Unwrapped(inputData) is IList items and not byte[] ? items.Cast<object?>().Select(Transform).ToArray() : Transform(inputData);

    private object? Transform(object? input)
    {
        try
        {
            return Unwrapped(input) switch
            {
                null or DbObjectReference or DbObjectPattern => Unwrapped(input),
                string name => Of(name),
                sbyte or byte or short or ushort or int or uint or long => OfOid(Convert.ToInt64(Unwrapped(input), CultureInfo.InvariantCulture)),
                IDbObject item => Of(item),
                _ when input is PSObject row && Kept.Of(row) is { } kept => Of(Revived.Live(row) as IDbObject ?? kept),
                _ => throw Wrong(Unwrapped(input)!.GetType().Name),
            };
        }
        catch (ArgumentException)
        {
            throw Wrong($"'{input}'");
        }
    }

    private object Of(string name) => IsPattern ? new DbObjectPattern(name) : new DbObjectReference(name);

    private object OfOid(long oid) => IsPattern ? new DbObjectPattern(oid) : new DbObjectReference(oid);

    private object Of(IDbObject item) => IsPattern ? new DbObjectPattern(item) : new DbObjectReference(item);

    private static object? Unwrapped(object? input) => input is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : input;

    private static ArgumentTransformationMetadataException Wrong(string what) =>
        new($"{what} names no table or index. Give name, schema.name or \"schema\".\"name\" as text, an OID as a number, or a row of a cmdlet such as Get-DbBloat.");

    /// <summary>A row that was kept in a file, or came from another session.</summary>
    private sealed record Kept(string Target, string Database, string Schema, string Name, long Oid) : IDbObject
    {
        public static Kept? Of(PSObject row)
        {
            return Text("Target") is { } target && Text("Database") is { } database && Text("Schema") is { } schema && Text("Name") is { } name
                && LanguagePrimitives.TryConvertTo<long>(row.Properties["Oid"]?.Value, CultureInfo.InvariantCulture, out var oid) && oid > 0
                ? new Kept(target, database, schema, name, oid)
                : null;

            string? Text(string property) => row.Properties[property]?.Value?.ToString() is { Length: > 0 } text ? text : null;
        }
    }
}
