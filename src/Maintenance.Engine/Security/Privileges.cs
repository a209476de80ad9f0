namespace Maintenance.Engine.Security;

/// <summary>The server's letters for privileges, and their names.</summary>
internal static class Privileges
{
    private static readonly Dictionary<char, string> Names = new()
    {
        ['r'] = "SELECT",
        ['a'] = "INSERT",
        ['w'] = "UPDATE",
        ['d'] = "DELETE",
        ['D'] = "TRUNCATE",
        ['x'] = "REFERENCES",
        ['t'] = "TRIGGER",
        ['m'] = "MAINTAIN",
        ['X'] = "EXECUTE",
        ['U'] = "USAGE",
        ['C'] = "CREATE",
        ['c'] = "CONNECT",
        ['T'] = "TEMPORARY",
        ['s'] = "SET",
        ['A'] = "ALTER SYSTEM",
    };

    public static string Name(char letter) => Names.GetValueOrDefault(letter, letter.ToString());

    /// <summary>Letters as a list of words.</summary>
    public static string List(string letters) => string.Join(", ", letters.Distinct().Select(Name));
}
