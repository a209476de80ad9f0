using System.Reflection;
using System.Text.RegularExpressions;
using Npgsql;

namespace Maintenance.Engine.Database;

/// <summary>What can be said of an error without the server's words, which may quote data: its code and the name of the condition.</summary>
internal static partial class SqlState
{
    private static readonly Dictionary<string, string> Names = typeof(PostgresErrorCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Where(field => field.IsLiteral && field.FieldType == typeof(string))
        .GroupBy(field => (string)field.GetRawConstantValue()!, StringComparer.Ordinal)
        .ToDictionary(group => group.Key, group => Hump().Replace(group.First().Name, "_").ToLowerInvariant(), StringComparer.Ordinal);

    /// <summary>The code with its condition, such as "22P02 invalid_text_representation"; the code alone where PostgreSQL has no name for it.</summary>
    /// <param name="code">The SQLSTATE.</param>
    public static string Describe(string? code) => code is null ? "without a code" : Names.TryGetValue(code, out var name) ? $"{code} {name}" : code;

    [GeneratedRegex("(?<=[a-z0-9])(?=[A-Z])")]
    private static partial Regex Hump();
}
