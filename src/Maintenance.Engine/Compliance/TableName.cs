namespace Maintenance.Engine.Compliance;

/// <summary>The name of a configured table as findings tell it, where it could not be looked up: as the server would quote it. Pure.</summary>
internal static class TableName
{
    /// <summary>The name; as it was written if it is none.</summary>
    /// <param name="configured">As in SQL.</param>
    public static string Of(string configured)
    {
        try
        {
            var reference = new DbObjectReference(configured);
            return $"{Quoted(reference.Schema ?? "public")}.{Quoted(reference.Name!)}";
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or MaintenanceException)
        {
            return configured;
        }
    }

    private static string Quoted(string name) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '_')
            ? name
            : $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
