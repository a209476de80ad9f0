namespace Maintenance.Engine;

/// <summary>Reads texts that are built into the engine.</summary>
internal static class EngineResource
{
    public static string Read(string name)
    {
        using var stream = typeof(EngineResource).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"There is no text '{name}' in the engine.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
